using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>The callbacks of a host. No exception may leave a callback, so they become errors.</summary>
    internal static unsafe class HostCallbacks
    {
        private static readonly Trampoline<FactoryCallback> Making = new Trampoline<FactoryCallback>(OnMake);
        private static readonly Trampoline<DuplexFactoryCallback> MakingDuplex =
            new Trampoline<DuplexFactoryCallback>(OnMakeDuplex);
        private static readonly Trampoline<ConnectedCallback> Connecting = new Trampoline<ConnectedCallback>(OnConnected);
        private static readonly Trampoline<DisconnectedCallback> Disconnecting =
            new Trampoline<DisconnectedCallback>(OnDisconnected);

        public static IntPtr Make => Making.Pointer;

        public static IntPtr MakeDuplex => MakingDuplex.Pointer;

        public static IntPtr Connected => Connecting.Pointer;

        public static IntPtr Disconnected => Disconnecting.Pointer;

        private static int OnMake(IntPtr userData, byte* name, IntPtr connection, NativeDelegate* made, IntPtr* error) =>
            Put(UserData.Get<PlainMaker>(userData), maker => maker.Make(Text.ReadName(name), connection), made, error);

        private static int OnMakeDuplex(
            IntPtr userData, IntPtr connection, IntPtr callback, NativeDelegate* made, IntPtr* error) =>
            Put(UserData.Get<DuplexMaker>(userData), maker => maker.Make(callback), made, error);

        private static int Put<TMaker>(
            TMaker maker, Func<TMaker, ServedDelegate?> make, NativeDelegate* made, IntPtr* error) where TMaker : Maker
        {
            ProcessExit.Pass();
            try
            {
                make(maker)?.PutInto(made);
                return 0;
            }
            catch (Exception failure)
            {
                *error = Failures.Give(failure, Execution.NotRun, maker.State.Serving);
                return (int)Status.RemoteError;
            }
        }

        private static void OnConnected(IntPtr userData, IntPtr connection)
        {
            ProcessExit.Pass();
            var state = UserData.Get<HostState>(userData);
            state.Handlers.Run("the beginning of a connection", () => state.Begin(connection));
        }

        private static void OnDisconnected(IntPtr userData, IntPtr connection, IntPtr reason)
        {
            ProcessExit.Pass();
            var state = UserData.Get<HostState>(userData);
            state.Handlers.Run("the end of a connection", () => state.End(connection));
        }
    }
}
