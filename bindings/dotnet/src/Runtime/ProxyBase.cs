using System;
using System.ComponentModel;
using System.Threading.Tasks;

namespace Callgate.Runtime
{
    /// <summary>The base of the proxies that are generated at run time. Not for programs.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract class ProxyBase : IDisposable
    {
        internal RemoteObject Remote { get; set; } = null!;

        internal ProxyBase With(CallOptions options)
        {
            var other = (ProxyBase)MemberwiseClone();
            other.Remote = Remote.With(options);
            return other;
        }

        /// <summary>Begins a call of a method.</summary>
        protected OutgoingCall Begin(int method) => OutgoingCall.Begin(Remote.Methods[method]);

        /// <summary>Calls and waits.</summary>
        protected void Call(OutgoingCall call) => Remote.Call(call);

        /// <summary>Calls and waits for the result.</summary>
        protected T Call<T>(OutgoingCall call) => Remote.Call<T>(call);

        /// <summary>Makes a one-way call.</summary>
        protected void Post(OutgoingCall call) => Remote.Post(call);

        /// <summary>Starts a call.</summary>
        protected Task Start(OutgoingCall call) => Remote.Start(call);

        /// <summary>Starts a call with a result.</summary>
        protected Task<T> Start<T>(OutgoingCall call) => Remote.Start<T>(call);

        /// <summary>Frees the proxy, without a call to the delegate. This is optional.</summary>
        public void Dispose() => Remote.Dispose();

        /// <summary>The proxy by its interface.</summary>
        public override string ToString() => $"proxy of {Remote.Name}";
    }
}
