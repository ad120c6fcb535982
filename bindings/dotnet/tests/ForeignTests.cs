using System;

namespace Callgate.Tests
{
    [InterfaceName("IThrower")]
    public interface IThrower
    {
        int Throw(string message);

        void Unknown();
    }

    [ExceptionName("Office.OutOfPaper")]
    public class OutOfPaperException : Exception
    {
        public OutOfPaperException(string message) : base(message)
        {
        }
    }

    /// <summary>It is sent under the name of its base class.</summary>
    internal sealed class OutOfTonerException : OutOfPaperException
    {
        public OutOfTonerException(string message) : base(message)
        {
        }
    }

    internal sealed class Thrower : IThrower
    {
        public int Throw(string message) => throw new OutOfTonerException(message).WithDetails(new[] { 1, 2 });

        public void Unknown() => throw new BadImageFormatException("no such thing");
    }

    /// <summary>A host whose exceptions a client in another language catches.</summary>
    internal static class ThrowingHost
    {
        public static int Run(string pipe)
        {
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddInterface<IThrower>();
            builder.RemoteTraces = true;
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
        [Test]
        private static void PythonCatchesWhatDotNetThrows() => Foreign.Beside(
            (_, pipe) => Processes.Start("throwing-host", pipe),
            (python, pipe) => Check.Equal(
                (0, "paper [1, 2] True\nSystem.BadImageFormatException no such thing True\n"),
                Processes.Finish(Foreign.Python(python, "throwing.py", "client", pipe))));

        [Test]
        private static void DotNetCatchesWhatPythonThrows() => Foreign.Beside(
            (python, pipe) => Foreign.Python(python, "throwing.py", "host", pipe),
            (_, pipe) =>
            {
                var builder = new ClientBuilder();
                builder.AddExceptionType<OutOfPaperException>();
                using (ReconnectingRpcClient client = builder.ConnectToNamedPipe(pipe))
                {
                    var thrower = client.CreateProxy<IThrower>();
                    var known = Check.Throws<OutOfPaperException>(() => thrower.Throw("paper"));
                    Check.Equal("paper", known.Message);
                    Check.Contains("in Throw", known.GetRemoteTrace());
                    Check.Same(new object[] { 1L, 2L }, (object[])known.GetDetails()!);
                    var unknown = Check.Throws<RemoteException>(() => thrower.Unknown());
                    Check.Equal(("ValueError", "no such thing"), (unknown.TypeName, unknown.Message));
                    Check.Contains("in Unknown", unknown.RemoteTrace);
                }
            });
    }
}
