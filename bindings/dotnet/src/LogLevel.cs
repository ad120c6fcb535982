namespace Callgate
{
    /// <summary>The severity of a log event.</summary>
    public enum LogLevel
    {
        /// <summary>An operation failed.</summary>
        Error = 1,

        /// <summary>Something that may need attention.</summary>
        Warning = 2,

        /// <summary>Normal events.</summary>
        Info = 3,

        /// <summary>Normal events, in detail.</summary>
        Debug = 4,
    }
}
