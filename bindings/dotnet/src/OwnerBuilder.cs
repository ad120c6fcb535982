using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>How much a line of the log matters.</summary>
    public enum LogLevel
    {
        /// <summary>Something failed.</summary>
        Error = 1,

        /// <summary>Something that should be looked at.</summary>
        Warning = 2,

        /// <summary>What goes on.</summary>
        Info = 3,

        /// <summary>What goes on, in detail.</summary>
        Debug = 4,
    }

    /// <summary>What builders of hosts and of clients have in common.</summary>
    public abstract class OwnerBuilder
    {
        private const uint AbiVersion = 0;

        private static readonly Trampoline<LogCallback> Logging = new Trampoline<LogCallback>(OnLog);

        private Serializer _serializer = Serializer.Default;

        /// <summary>The limits; those of most programs are the defaults.</summary>
        public Limits Limits { get; } = new Limits();

        /// <summary>How values travel; both ends must agree on codecs that a program adds.</summary>
        public Serializer Serializer
        {
            get => _serializer;
            set => _serializer = value ?? throw new ArgumentNullException(nameof(value));
        }

        /// <summary>
        /// Takes the log, on any thread and on several at once; it must not wait. What handlers of the program
        /// throw is logged too. Without a log, that goes to <see cref="System.Diagnostics.Trace"/>, as does what
        /// the log itself throws.
        /// </summary>
        public Action<LogLevel, string>? Log { get; set; }

        internal ExceptionTypes Known { get; } = new ExceptionTypes();

        /// <summary>
        /// Has an exception travel as itself, under its <see cref="ExceptionNameAttribute"/>'s name or that of its
        /// type: remote errors of that name are re-thrown as that type, which has a public constructor that takes
        /// (string, Exception), (string) or nothing. The base library's usual ones need not be added.
        /// </summary>
        public void AddExceptionType<TException>() where TException : Exception => Known.Add(typeof(TException), null, null);

        /// <summary>Likewise under another name, both ways; one that is derived from it is sent under that name too.</summary>
        public void AddExceptionType<TException>(string name) where TException : Exception =>
            Known.Add(typeof(TException), name ?? throw new ArgumentNullException(nameof(name)), null);

        /// <summary>Likewise, made by a function of the remote error, whose details it may want.</summary>
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
                    $"This is for version {AbiVersion} of the library's binary interface; the one loaded has {loaded}.",
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

        private static unsafe void OnLog(IntPtr userData, int level, IntPtr message, UIntPtr length)
        {
            ProcessExit.Pass();
            HandlerFailures.Log(
                UserData.Get<Action<LogLevel, string>>(userData), (LogLevel)level, Text.Read((byte*)message, length));
        }
    }
}
