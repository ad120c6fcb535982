using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    public sealed class JammedException : Exception
    {
        public JammedException(int sheets) : base($"{sheets} sheets are stuck") => Sheets = sheets;

        public int Sheets { get; }
    }

    public sealed class MoodyException : Exception
    {
        public MoodyException(string message) : base(message)
        {
            if (message.StartsWith("remote: "))
                throw new InvalidOperationException("not today");
        }
    }

    public sealed class ChosenException : Exception
    {
        public ChosenException(string message, Exception inner) : base(message, inner)
        {
        }
    }

    public interface IPrinter
    {
        void Fail(string how);

        Task FailLater(string how);
    }

    internal sealed class Printer : IPrinter
    {
        public void Fail(string how) => throw Make(how);

        public async Task FailLater(string how)
        {
            await Task.Yield();
            throw Make(how);
        }

        private static Exception Make(string how)
        {
            switch (how)
            {
                case "known": return new KeyNotFoundException("no such key");
                case "paper": return new OutOfPaperException("paper, please");
                case "jam": return new JammedException(3).WithDetails(3);
                case "moody":
                    var moody = new MoodyException("moody");
                    return new RemoteException("moody", "remote: " + moody.Message);
                case "named": return new RemoteException("printer.Jam", "open the lid", "at the rear", new[] { 1, 2 });
                case "unknown": return new ChosenException("nobody has registered me", new IOException("disk"));
                case "mismatch": return new ContractMismatchException("I do not print that");
                default: return new IOException(how);
            }
        }
    }

    internal static class ErrorTests
    {
        [Test]
        private static void KnownExceptionsAreThrownAsThemselvesWithTheRemoteTrace() => With(printer =>
        {
            foreach (Action call in new Action[] { () => printer.Fail("known"), () => Unwrap(printer.FailLater("known")) })
            {
                var thrown = Check.Throws<KeyNotFoundException>(call);
                Check.Equal("no such key", thrown.Message);
                Check.Contains("Printer.Fail", thrown.GetRemoteTrace());
                Check.Contains("remote trace", thrown.InnerException!.ToString());
            }
            Check.Equal("disk", Check.Throws<IOException>(() => printer.Fail("disk")).Message);
        });

        [Test]
        private static void AnErrorsNameChoosesNoTypeThatIsMerelyLoaded() => With(printer =>
        {
            var unknown = Check.Throws<RemoteException>(() => printer.Fail("unknown"));
            Check.Equal(typeof(ChosenException).FullName, unknown.TypeName);
        });

        [Test]
        private static void OwnExceptionsOnceTheyAreAdded()
        {
            With(printer =>
            {
                var unknown = Check.Throws<RemoteException>(() => printer.Fail("paper"));
                Check.Equal("Office.OutOfPaper", unknown.TypeName);
                Check.Equal((Status.RemoteError, Execution.Ran), (unknown.Status, unknown.Execution));
            });
            With(
                printer => Check.Equal("paper, please", Check.Throws<OutOfPaperException>(() => printer.Fail("paper")).Message),
                client => client.AddExceptionType<OutOfPaperException>());
        }

        [Test]
        private static void OwnExceptionsUnderANameAndMadeOfTheirDetails()
        {
            void Knows(OwnerBuilder builder) => builder.AddExceptionType(
                "printer.Jammed", remote => new JammedException((int)(long)remote.Details!));
            With(
                printer => Check.Equal("printer.Jammed", Check.Throws<RemoteException>(() => printer.Fail("jam")).TypeName),
                host: Knows);
            With(
                printer =>
                {
                    var jammed = Check.Throws<JammedException>(() => printer.Fail("jam"));
                    Check.Equal((3, 3L), (jammed.Sheets, jammed.GetDetails()));
                    Check.Contains("Printer.Fail", jammed.GetRemoteTrace());
                },
                Knows, Knows);
        }

        [Test]
        private static void AnExceptionWhoseConstructorFailsIsARemoteError() => With(
            printer => Check.Equal("remote: moody", Check.Throws<RemoteException>(() => printer.Fail("moody")).Message),
            client => client.AddExceptionType<MoodyException>("moody"));

        [Test]
        private static void ErrorsWithNamesOfOtherLanguagesKeepAllTheirParts() => With(printer =>
        {
            var thrown = Check.Throws<RemoteException>(() => printer.Fail("named"));
            Check.Equal(("printer.Jam", "open the lid", "at the rear"), (thrown.TypeName, thrown.Message, thrown.RemoteTrace));
            Check.Same(new object[] { 1L, 2L }, (object[])thrown.Details!);
            Check.Equal("I do not print that", Check.Throws<ContractMismatchException>(() => printer.Fail("mismatch")).Message);
        });

        [Test]
        private static void WithoutAConnectionTheChannelIsFaultedOrWhatWasChosen()
        {
            using (ReconnectingRpcClient client = new ClientBuilder().ConnectToNamedPipe(Session.UniquePipe()))
            {
                Check.Equal(6000, client.ConnectionTimeoutMs);
                client.ConnectionTimeoutMs = 50;
                var clock = Stopwatch.StartNew();
                var faulted = Check.Throws<ChannelFaultedException>(() => client.CreateProxy<IPrinter>().Fail(""));
                Check.Equal(Execution.NotRun, faulted.Execution);
                var chosen = Check.Throws<ChosenException>(() => client.CreateProxy<IPrinter, ChosenException>().Fail(""));
                Check.That(chosen.InnerException is ChannelFaultedException, "with the reason inside");
                Check.Throws<ChosenException>(() => Unwrap(client.CreateProxy<IPrinter, ChosenException>().FailLater("")));
                Check.That(clock.Elapsed < TimeSpan.FromSeconds(5), "the timeout is the chosen one");
            }
        }

        [Test]
        private static void DeadlinesAndDisposing()
        {
            using (var session = new Session(
                host => host.AddDelegateFactory(type => type == typeof(IBlocked) ? new Blocked() : null),
                client => client.Limits.CallTimeout = TimeSpan.FromSeconds(1)))
            {
                var proxy = session.Client.CreateProxy<IBlocked>();
                var late = Check.Throws<CallTimedOutException>(() => proxy.Wait());
                Check.Equal(Execution.Unknown, late.Execution);
                Blocked.Go.Set();
                session.Client.Dispose();
                Check.Throws<ObjectDisposedException>(() => proxy.Wait());
                Check.Throws<ObjectDisposedException>(() => Unwrap(proxy.WaitLater()));
            }
        }

        [Test]
        private static void AContractMismatchIsNeverReplaced() => With(printer =>
        {
            using (Session session = Session.Of<IEcho>(new Echo()))
                Check.Throws<ContractMismatchException>(() => session.Client.CreateProxy<IPrinter, ChosenException>().Fail(""));
        });

        private static void Unwrap(Task task) => task.GetAwaiter().GetResult();

        private static void With(
            Action<IPrinter> test, Action<ClientBuilder>? client = null, Action<ServiceHostBuilder>? host = null)
        {
            void Serve(ServiceHostBuilder builder)
            {
                builder.RemoteTraces = true;
                builder.AddDelegateFactory(type => type == typeof(IPrinter) ? new Printer() : null);
                host?.Invoke(builder);
            }
            using (var session = new Session(Serve, client))
                test(session.Client.CreateProxy<IPrinter>());
        }
    }

    public interface IBlocked
    {
        void Wait();

        Task WaitLater();
    }

    internal sealed class Blocked : IBlocked
    {
        public static readonly ManualResetEventSlim Go = new ManualResetEventSlim();

        /// <summary>Set once a call of WaitLater runs.</summary>
        public ManualResetEventSlim Waits { get; } = new ManualResetEventSlim();

        public void Wait() => Go.Wait();

        public Task WaitLater()
        {
            Waits.Set();
            return Task.Delay(Timeout.Infinite);
        }
    }
}
