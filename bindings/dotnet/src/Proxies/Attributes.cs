using System;

namespace Callgate
{
    /// <summary>
    /// Attributes of an interface's methods that derive from this one are attributes of the proxy's methods too.
    /// They need a public constructor without parameters, which makes the proxy's.
    /// </summary>
    public abstract class ProxyShouldImplementAttribute : Attribute
    {
    }

    /// <summary>A method whose result no one waits for: it returns once the call is queued. It returns void.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class RpcNonBlockingAttribute : ProxyShouldImplementAttribute
    {
    }

    /// <summary>
    /// The name by which an interface is called on the wire, in place of its namespace and name: for
    /// contracts with programs in other languages.
    /// </summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class InterfaceNameAttribute : Attribute
    {
        /// <summary>Gives that name.</summary>
        public InterfaceNameAttribute(string name) => Name = name;

        /// <summary>The name.</summary>
        public string Name { get; }
    }

    /// <summary>
    /// The name of an exception, and of those derived from it, on the wire, in place of its namespace and name:
    /// for exceptions that are shared with programs in other languages.
    /// </summary>
    [AttributeUsage(AttributeTargets.Class, Inherited = false)]
    public sealed class ExceptionNameAttribute : Attribute
    {
        /// <summary>Gives that name.</summary>
        public ExceptionNameAttribute(string name) => Name = name;

        /// <summary>The name.</summary>
        public string Name { get; }
    }
}
