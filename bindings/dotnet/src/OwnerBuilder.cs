using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>The common base of host builders and client builders.</summary>
    public abstract class OwnerBuilder
    {
        private const uint AbiVersion = 0;

        private static readonly unsafe Trampoline<LogCallback> Logging = new Trampoline<LogCallback>(OnLog);

        private Serializer _serializer = Serializer.Default;

        /// <summary>The limits. The defaults suit most programs.</summary>
        public Limits Limits { get; } = new Limits();

        /// <summary>Encodes and decodes values. Both sides must agree on codecs that a program adds.</summary>
        public Serializer Serializer
        {
            get => _serializer;
            set => _serializer = value ?? throw new ArgumentNullException(nameof(value));
        }

        /// <summary>
        /// Receives log events, on any thread and on several at once. It should not wait, since the operation that logs
        /// waits for it. Exceptions that handlers throw are logged too. Without a log, they go to
        /// <see cref="System.Diagnostics.Trace"/>, as do exceptions of the log itself.
        /// </summary>
        public Action<LogEvent>? Log { get; set; }

        /// <summary>
        /// What to record of what passes on the connections, in a file that is created with the host or client.
        /// </summary>
        public ConnectionTrace? Trace { get; set; }

        /// <summary>
        /// Whether the other side gets the stack traces of delegates' and callback handlers' exceptions, which show this
        /// program's code and paths of its files. Without it, <see cref="RemoteErrors.GetRemoteTrace"/> is empty there.
        /// </summary>
        public bool RemoteTraces { get; set; }

        /// <summary>
        /// Whether interfaces are described. A host says what it serves: the interfaces of
        /// <see cref="ServiceHostBuilder.AddInterface"/>, of duplex delegate factories and of type aliases. A client's
        /// proxy compares its own description with the host's before its first call on each connection, unless
        /// <see cref="ClientBuilder.Verify"/> sets another time; if they do not fit, its calls throw a
        /// <see cref="ContractMismatchException"/>, and none runs. True unless it is set.
        /// </summary>
        public bool Described { get; set; } = true;

        internal ExceptionTypes Known { get; } = new ExceptionTypes();

        /// <summary>
        /// Registers an exception under the name of its <see cref="ExceptionNameAttribute"/>, or of its type. It is sent
        /// under that name, and remote errors of that name are thrown as this type, which needs a public constructor
        /// that takes (string, Exception), (string) or nothing. Common exceptions of the base library are registered
        /// already.
        /// </summary>
        public void AddExceptionType<TException>() where TException : Exception => Known.Add(typeof(TException), null, null);

        /// <summary>
        /// Registers an exception under a name. It and exceptions derived from it are sent under that name, and remote
        /// errors of that name are thrown as this type.
        /// </summary>
        public void AddExceptionType<TException>(string name) where TException : Exception =>
            Known.Add(typeof(TException), name ?? throw new ArgumentNullException(nameof(name)), null);

        /// <summary>Registers an exception under a name, with a function that creates it from the remote error.</summary>
        public void AddExceptionType<TException>(string name, Func<RemoteException, TException> make)
            where TException : Exception => Known.Add(
                typeof(TException),
                name ?? throw new ArgumentNullException(nameof(name)),
                make ?? throw new ArgumentNullException(nameof(make)));

        internal unsafe NativeOwnerOptions Options(NativeLimits* limits)
        {
            uint loaded = Native.callgate_abi_version();
            if (loaded != AbiVersion)
                throw new CallgateException(
                    $"Callgate.dll needs binary interface version {AbiVersion} of the native library, but the loaded " +
                    $"library has version {loaded}: install both from the same release.",
                    Status.Unsupported);
            var options = new NativeOwnerOptions { StructSize = (UIntPtr)sizeof(NativeOwnerOptions), Limits = limits };
            if (Log != null)
            {
                options.Log = Logging.Pointer;
                options.LogUserData = UserData.Keep(Log);
                options.LogUserDataFree = UserData.Free;
            }
            return options;
        }

        private static unsafe void OnLog(IntPtr userData, NativeLogEvent* logEvent)
        {
            ProcessExit.Pass();
            HandlerFailures.Log(UserData.Get<Action<LogEvent>>(userData), new LogEvent(*logEvent));
        }
    }
}
