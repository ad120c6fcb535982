namespace Callgate
{
    /// <summary>When a client's proxies compare their descriptions of interfaces with the host's.</summary>
    public enum Verify
    {
        /// <summary>Before their first call on each connection, in the thread of that call and within its timeout.</summary>
        AtFirstCall = 0,

        /// <summary>
        /// Only <see cref="Descriptions.Verify"/> compares. Calls that do not fit fail one by one.
        /// </summary>
        Never = 1,

        /// <summary>
        /// As soon as the client has connected or the proxy is created, in the background. Differences are logged as
        /// errors. A call that is made meanwhile compares too.
        /// </summary>
        WhenConnecting = 2,
    }
}
