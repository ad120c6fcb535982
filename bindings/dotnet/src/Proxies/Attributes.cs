using System;

namespace Callgate
{
    /// <summary>
    /// The base of attributes that a proxy's methods copy from the interface's methods. They need a public constructor
    /// without parameters.
    /// </summary>
    public abstract class ProxyShouldImplementAttribute : Attribute
    {
    }

    /// <summary>A one-way method: calling it returns once the call is queued. It must return void.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public class RpcNonBlockingAttribute : ProxyShouldImplementAttribute
    {
    }

    /// <summary>
    /// The name of an interface on the wire, instead of its namespace and name: for contracts that programs in other
    /// languages share.
    /// </summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class InterfaceNameAttribute : Attribute
    {
        /// <summary>Sets the name.</summary>
        public InterfaceNameAttribute(string name) => Name = name;

        /// <summary>The name.</summary>
        public string Name { get; }
    }

    /// <summary>
    /// The name of an exception, and of exceptions derived from it, on the wire, instead of its namespace and name: for
    /// exceptions that programs in other languages share.
    /// </summary>
    [AttributeUsage(AttributeTargets.Class, Inherited = false)]
    public sealed class ExceptionNameAttribute : Attribute
    {
        /// <summary>Sets the name.</summary>
        public ExceptionNameAttribute(string name) => Name = name;

        /// <summary>The name.</summary>
        public string Name { get; }
    }
}
