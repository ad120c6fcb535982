namespace System.Runtime.CompilerServices
{
    /// <summary>
    /// Lets an assembly access the internal members of another. The runtimes recognise the attribute by its name; no
    /// framework declares it.
    /// </summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute : Attribute
    {
        public IgnoresAccessChecksToAttribute(string assemblyName) => AssemblyName = assemblyName;

        public string AssemblyName { get; }
    }
}
