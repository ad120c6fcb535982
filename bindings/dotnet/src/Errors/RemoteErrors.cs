using System;
using System.Runtime.CompilerServices;

namespace Callgate
{
    /// <summary>The remote trace of an exception, and the value attached to it.</summary>
    public static class RemoteErrors
    {
        // Not in Exception.Data, which accepts only serialisable values on the .NET Framework.
        private static readonly ConditionalWeakTable<Exception, RemoteException> Origins =
            new ConditionalWeakTable<Exception, RemoteException>();

        private static readonly ConditionalWeakTable<Exception, object> Details =
            new ConditionalWeakTable<Exception, object>();

        private static readonly ConditionalWeakTable<RemoteException, Exception> AreOrigins =
            new ConditionalWeakTable<RemoteException, Exception>();

        /// <summary>The stack trace of the delegate that threw an exception; empty if it was thrown in this process.</summary>
        public static string GetRemoteTrace(this Exception exception) => OriginOf(exception)?.RemoteTrace ?? "";

        /// <summary>The value attached to an exception, in this process or by the delegate that threw it; or null.</summary>
        public static object? GetDetails(this Exception exception) =>
            Details.TryGetValue(exception, out object? details) ? details : OriginOf(exception)?.Details;

        /// <summary>Attaches a value for the caller of the delegate that throws the exception. Returns the exception.</summary>
        public static TException WithDetails<TException>(this TException exception, object details) where TException : Exception
        {
            Details.Remove(exception);
            Details.Add(exception, details ?? throw new ArgumentNullException(nameof(details)));
            return exception;
        }

        /// <summary>Remembers the remote error that an exception was created from.</summary>
        internal static void Keep(Exception revived, RemoteException origin)
        {
            Origins.Remove(revived); // The program's function may return the same exception again.
            Origins.Add(revived, origin);
            AreOrigins.Add(origin, revived);
        }

        /// <summary>Whether an exception is only the remote error from which its outer exception was created.</summary>
        internal static bool IsOrigin(Exception exception) =>
            exception is RemoteException remote && AreOrigins.TryGetValue(remote, out _);

        private static RemoteException? OriginOf(Exception exception) =>
            exception as RemoteException ?? (Origins.TryGetValue(exception, out RemoteException? origin) ? origin : null);
    }
}
