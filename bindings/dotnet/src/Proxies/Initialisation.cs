using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>A routine that runs on a proxy before it is used on a connection.</summary>
    internal sealed unsafe class Initialisation
    {
        private static readonly Trampoline<InitialiseCallback> Initialising =
            new Trampoline<InitialiseCallback>(OnInitialise);

        private readonly InterfacePlan _plan;
        private readonly ProxyContext _context;
        private readonly Action<object> _routine;

        public Initialisation(InterfacePlan plan, ProxyContext context, Action<object> routine)
        {
            _plan = plan;
            _context = context;
            _routine = routine;
        }

        /// <summary>The callback for C; its user_data is an instance of this class.</summary>
        public static IntPtr Routine => Initialising.Pointer;

        private static int OnInitialise(IntPtr userData, IntPtr borrowed, IntPtr* error)
        {
            ProcessExit.Pass();
            var initialisation = UserData.Get<Initialisation>(userData);
            try
            {
                initialisation.Run(borrowed);
                return 0;
            }
            catch (Exception failure)
            {
                *error = Failures.Give(Reason(failure), Execution.Ran, initialisation._context.Known, true);
                return (int)Status.RemoteError;
            }
        }

        private void Run(IntPtr borrowed)
        {
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_proxy_clone(borrowed, out ProxyHandle kept, ref error);
            Failures.Check(status, error);
            _routine(ProxyTypes.Make(_plan, kept, _context));
        }

        /// <summary>The reason that a routine failed: a ChannelFaultedException itself, not the proxy's replacement.</summary>
        private static Exception Reason(Exception failure) =>
            failure.InnerException is ChannelFaultedException faulted ? faulted : failure;
    }
}
