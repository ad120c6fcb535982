using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using Callgate.Tests.Contracts;

namespace Callgate.Tests
{
    internal sealed class Lonely : ILonely
    {
        public string Where() => "here";
    }

    [InterfaceName("Callgate.Tests.Contracts.INobody")]
    public interface INobody
    {
        void Nothing();
    }

    /// <summary>
    /// A host that refers to a contract only in its factory, with or without a second copy of the contract's assembly.
    /// </summary>
    internal static class LonelyHost
    {
        public static int Run(string pipe, bool isDoubled)
        {
            if (isDoubled)
                Assembly.Load(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Callgate.Tests.Contracts.dll")));
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddDelegateFactory(type => type == typeof(ILonely) ? new Lonely() : null);
            using (builder.Create())
            {
                bool isLoaded = AppDomain.CurrentDomain.GetAssemblies()
                    .Any(assembly => assembly.GetName().Name == "Callgate.Tests.Contracts");
                Console.WriteLine(isLoaded && !isDoubled ? "loaded already" : "listening");
                Console.In.ReadToEnd();
            }
            return 0;
        }
    }

    internal static class ContractAssemblyTests
    {
        [Test]
        private static void AContractInAnAssemblyThatIsNotLoadedYetIsServed() => IsServed("lonely-host");

        [Test]
        private static void OfSeveralTypesOfOneNameTheFactoryServesItsOwn()
        {
            // Like plug-ins that load separate copies of an assembly. An earlier call loads the program's own.
            IsServed("doubled-host");
        }

        private static void IsServed(string part)
        {
            string pipe = Session.UniquePipe();
            using (Process host = Processes.Start(part, pipe))
            {
                Check.Equal("listening", host.StandardOutput.ReadLine());
                using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(pipe))
                {
                    Check.Throws<ContractMismatchException>(() => client.CreateProxy<INobody>().Nothing());
                    Check.Equal("here", client.CreateProxy<ILonely>().Where());
                }
                host.StandardInput.Close();
                Check.Equal((0, ""), Processes.Finish(host));
            }
        }
    }
}
