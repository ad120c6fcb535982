using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public interface IBusy
    {
        int Next(int number);

        Task<int> NextAsync(int number);

        [RpcNonBlocking]
        void Tell(int number);

        void Exit();

        void ExitInCallback();
    }

    public interface IListener
    {
        void Heard(int number);

        void Exit();
    }

    internal sealed class Busy : IBusy
    {
        private readonly IListener _listener;

        public Busy(IListener listener) => _listener = listener;

        public int Next(int number)
        {
            CheckMetadata(number);
            _listener.Heard(number);
            return number + 1;
        }

        public async Task<int> NextAsync(int number)
        {
            CheckMetadata(number);
            await Task.Yield();
            return number + 1;
        }

        public void Tell(int number)
        {
        }

        public void Exit() => Environment.Exit(ExitProgram.Code);

        public void ExitInCallback() => _listener.Exit();

        private static void CheckMetadata(int number)
        {
            foreach (string sent in CurrentCall.Metadata.Values)
                Check.Equal($"{number}", sent);
        }
    }

    internal sealed class Listener : IListener
    {
        public void Heard(int number)
        {
        }

        public void Exit() => Environment.Exit(ExitProgram.Code);
    }

    /// <summary>Exits while a client, a host, background calls and garbage collections are active.</summary>
    internal static class ExitProgram
    {
        /// <summary>The exit code that the program asks for.</summary>
        public const int Code = 7;

        public static int Run(string how)
        {
            string pipe = Session.UniquePipe();
            var builder = new ServiceHostBuilder();
            builder.AddEndpoint(new NamedPipeEndpoint(pipe));
            builder.AddDuplexDelegateFactory<IBusy, IListener>(listener => new Busy(listener));
            ServiceHost host = builder.Create();
            var clientBuilder = new ClientBuilder();
            clientBuilder.AddCallbackHandler<IListener>(new Listener());
            IRpcClient client = clientBuilder.ConnectToNamedPipe(pipe);
            var begun = new CountdownEvent(3);
            InBackground(client, begun, (proxy, number) => proxy.Next(number));
            InBackground(client, begun, (proxy, number) => proxy.NextAsync(number).Wait());
            InBackground(client, begun, (proxy, number) => proxy.Tell(number));
            begun.Wait();
            if (how == "main")
                Environment.Exit(Code);
            if (how == "delegate")
                client.CreateProxy<IBusy>().Exit();
            if (how == "callback")
                client.CreateProxy<IBusy>().ExitInCallback();
            GC.KeepAlive(host);
            return Code;
        }

        private static void InBackground(IRpcClient client, CountdownEvent begun, Action<IBusy, int> call)
        {
            var thread = new Thread(() =>
            {
                var proxy = client.CreateProxy<IBusy>();
                for (int number = 0; ; number++)
                {
                    call(proxy, number);
                    if (number == 10)
                        begun.Signal();
                }
            }) { IsBackground = true };
            thread.Start();
        }
    }

    internal static class ProgramTests
    {
        [Test]
        private static void TheReadmesCodeRunsWithAnotherUsing()
        {
            var (code, output) = Processes.Finish(Processes.Start("readme"));
            Check.Contains("done\nMyName says no\n", output);
            Check.Contains("aliased, done\n", output);
            Check.Contains("True\n", output);
            Check.Contains("a client has gone\n", output);
            Check.Equal(0, code);
        }

        [Test]
        private static void AProcessEndsSilentlyInTheMidstOfCalls()
        {
            int times = Runner.Number("CALLGATE_EXITS", 3);
            for (int i = 0; i < times; i++)
            {
                foreach (string how in new[] { "main", "return", "delegate", "callback" })
                {
                    var (code, output) = Processes.Finish(Processes.Start("exit", how));
                    Check.Equal((ExitProgram.Code, ""), (code, output));
                }
            }
        }
    }
}
