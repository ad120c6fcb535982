using System;
using System.Runtime.CompilerServices;

namespace Callgate
{
    /// <summary>What goes along with exceptions that travel as themselves.</summary>
    public static class RemoteErrors
    {
        // Not in Exception.Data: on the .NET Framework that takes serialisable values only.
        private static readonly ConditionalWeakTable<Exception, RemoteException> Origins =
            new ConditionalWeakTable<Exception, RemoteException>();

        private static readonly ConditionalWeakTable<Exception, object> Details =
            new ConditionalWeakTable<Exception, object>();

        private static readonly ConditionalWeakTable<RemoteException, Exception> AreOrigins =
            new ConditionalWeakTable<RemoteException, Exception>();

        /// <summary>The stack trace of the delegate that threw it, or empty when it was thrown here.</summary>
        public static string GetRemoteTrace(this Exception exception) => OriginOf(exception)?.RemoteTrace ?? "";

        /// <summary>The value that was added to an exception, here or by the delegate that threw it, or null.</summary>
        public static object? GetDetails(this Exception exception) =>
            Details.TryGetValue(exception, out object? details) ? details : OriginOf(exception)?.Details;

        /// <summary>Adds a value for the caller of the delegate that throws it; gives the exception.</summary>
        public static TException WithDetails<TException>(this TException exception, object details) where TException : Exception
        {
            Details.Remove(exception);
            Details.Add(exception, details ?? throw new ArgumentNullException(nameof(details)));
            return exception;
        }

        /// <summary>Remembers what remote error an exception was made of.</summary>
        internal static void Keep(Exception revived, RemoteException origin)
        {
            Origins.Remove(revived); // The program's function may make the same one again.
            Origins.Add(revived, origin);
            AreOrigins.Add(origin, revived);
        }

        /// <summary>Whether an exception is only the remote error of one that it stands behind.</summary>
        internal static bool IsOrigin(Exception exception) =>
            exception is RemoteException remote && AreOrigins.TryGetValue(remote, out _);

        private static RemoteException? OriginOf(Exception exception) =>
            exception as RemoteException ?? (Origins.TryGetValue(exception, out RemoteException? origin) ? origin : null);
    }
}
