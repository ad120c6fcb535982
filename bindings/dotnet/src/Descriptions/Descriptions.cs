using System;
using System.Text;
using System.Threading.Tasks;
using Callgate.Runtime;

namespace Callgate
{
    /// <summary>
    /// Descriptions of interfaces: OpenRPC documents with JSON Schemas. A host declares the interfaces that its builder
    /// knows, and a proxy compares its own description with the host's before its first call on each connection; see
    /// <see cref="OwnerBuilder.Described"/>.
    /// </summary>
    public static class Descriptions
    {
        /// <summary>
        /// The description of an interface, as JSON: for tools, or to keep in a file that later versions are compared
        /// with.
        /// </summary>
        /// <param name="service">The interface.</param>
        /// <param name="callback">
        /// The callback interface; null: the one that a <see cref="CallbackInterfaceAttribute"/> names, if any.
        /// </param>
        /// <param name="serializer">The serializer whose codecs send the values; null: the default one.</param>
        public static string Of(Type service, Type? callback = null, Serializer? serializer = null)
        {
            InterfacePlan plan = InterfacePlan.Of(service ?? throw new ArgumentNullException(nameof(service)));
            InterfacePlan? called = callback == null ? null : InterfacePlan.Of(callback);
            return Encoding.UTF8.GetString(Document.Of(plan, called, serializer ?? Serializer.Default));
        }

        /// <summary>
        /// Compares a client's proxy with its host now, instead of before its first call. Waits for a connection as calls
        /// do, and takes the options of <see cref="CallOptions.For"/>. Throws a <see cref="ContractMismatchException"/>
        /// that lists the differences; no call has run. Does nothing for a proxy without a description: that of a name,
        /// of a connection, or of a client that is not <see cref="OwnerBuilder.Described"/>.
        /// </summary>
        public static void Verify(object proxy)
        {
            if (!(proxy is UntypedProxy))
                Remote(proxy).Verify();
        }

        /// <summary>Compares like <see cref="Verify"/>, without blocking this thread.</summary>
        public static Task VerifyAsync(object proxy)
        {
            RemoteObject? remote = proxy is UntypedProxy ? null : Remote(proxy);
            return remote == null ? Task.CompletedTask : Waiting.For(remote.Verify);
        }

        private static RemoteObject Remote(object proxy) => proxy is ProxyBase typed
            ? typed.Remote
            : throw new ArgumentException($"{proxy} is not a proxy that Callgate created.", nameof(proxy));
    }
}
