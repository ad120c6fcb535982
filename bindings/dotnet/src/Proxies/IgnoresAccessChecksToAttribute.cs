namespace System.Runtime.CompilerServices
{
    /// <summary>
    /// Lets an assembly use what another keeps to itself. The runtimes know it by its name; no framework
    /// declares it.
    /// </summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute : Attribute
    {
        public IgnoresAccessChecksToAttribute(string assemblyName) => AssemblyName = assemblyName;

        public string AssemblyName { get; }
    }
}
