using System;

namespace Callgate.Suite
{
    /// <summary>The .NET programs of the suite; the arguments select one.</summary>
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            switch (arguments[0])
            {
                case "null-host": NullCall.Serve(arguments[1]); return 0;
                case "null-client": NullCall.Make(arguments[1]); return 0;
                case "socket-host": SocketPing.Serve(arguments[1], int.Parse(arguments[2]), int.Parse(arguments[3])); return 0;
                case "socket-client": SocketPing.Make(arguments[1], int.Parse(arguments[2]), int.Parse(arguments[3])); return 0;
                default: throw new ArgumentException($"there is no part {arguments[0]}");
            }
        }
    }
}
