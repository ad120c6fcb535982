using System;

namespace Callgate
{
    /// <summary>
    /// The callback interface that hosts of an interface call, for the interface's description. A duplex delegate factory
    /// knows it without this attribute.
    /// </summary>
    [AttributeUsage(AttributeTargets.Interface)]
    public sealed class CallbackInterfaceAttribute : Attribute
    {
        /// <summary>Names the callback interface.</summary>
        public CallbackInterfaceAttribute(Type type) => Type = type ?? throw new ArgumentNullException(nameof(type));

        /// <summary>The callback interface.</summary>
        public Type Type { get; }
    }

    /// <summary>The errors that a method may throw, by their names on the wire, for the interface's description.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ThrowsAttribute : Attribute
    {
        /// <summary>Lists the names.</summary>
        public ThrowsAttribute(params string[] names) => Names = names ?? throw new ArgumentNullException(nameof(names));

        /// <summary>The names.</summary>
        public string[] Names { get; }
    }
}
