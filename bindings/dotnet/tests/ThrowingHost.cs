using System;
using System.Diagnostics;

namespace Callgate.Tests
{
    [InterfaceName("IThrower")]
    public interface IThrower
    {
        int Throw(string message);
    }

    internal sealed class Thrower : IThrower
    {
        public int Throw(string message) => throw new OutOfPaperException(message);
    }

    /// <summary>A host whose exceptions are caught in another language.</summary>
    internal static class ThrowingHost
    {
        public static int Run(string pipe)
        {
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddInterface<IThrower>();
            builder.AddDelegateFactory(type => type == typeof(IThrower) ? new Thrower() : null);
            using (builder.Create())
            {
                Console.WriteLine("listening");
                Console.In.ReadToEnd();
            }
            return 0;
        }
    }

    internal static class ForeignTests
    {
        private const string Script =
            "import sys, callgate\n" +
            "with callgate.Client(sys.argv[1]) as client:\n" +
            "    try:\n" +
            "        client.proxy('IThrower').Throw('paper')\n" +
            "    except callgate.RemoteError as error:\n" +
            "        print(error.type_name, error.message, 'Thrower.Throw' in error.trace)\n";

        [Test]
        private static void PythonCatchesWhatDotNetThrows()
        {
            // ci/dotnet names a Python that has the binding; by hand there may be none.
            string? python = Environment.GetEnvironmentVariable("CALLGATE_PYTHON");
            if (python == null)
            {
                Console.WriteLine("SKIPPED PythonCatchesWhatDotNetThrows: CALLGATE_PYTHON names no Python");
                return;
            }
            string pipe = Session.UniquePipe();
            string script = System.IO.Path.GetTempFileName();
            System.IO.File.WriteAllText(script, Script);
            Process host = Processes.Start("throwing-host", pipe);
            try
            {
                Check.Equal("listening", host.StandardOutput.ReadLine());
                var (code, output) = Processes.Finish(Processes.StartProgram(python, script, $"pipe://{pipe}"));
                Check.Equal((0, "Callgate.Tests.OutOfPaperException paper True\n"), (code, output));
            }
            finally
            {
                host.StandardInput.Close();
                Processes.Finish(host);
                System.IO.File.Delete(script);
            }
        }
    }
}
