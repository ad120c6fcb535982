using System;
using System.Net.Sockets;
using System.Threading;

namespace Callgate.Suite
{
    /// <summary>Ping-pongs over the base library's socket, in the simplest code.</summary>
    internal static class SocketPing
    {
        /// <summary>Replies to each message of a client until standard input ends.</summary>
        public static void Serve(string path, int question, int answer)
        {
            using (Socket listener = Unix())
            {
                listener.Bind(new UnixDomainSocketEndPoint(path));
                listener.Listen(1);
                new Thread(() => Answer(listener, question, answer)) { IsBackground = true }.Start();
                Console.WriteLine("ready");
                Console.In.ReadToEnd();
            }
        }

        /// <summary>Makes the number of ping-pongs that the suite requests.</summary>
        public static void Make(string path, int question, int answer)
        {
            using (Socket socket = Unix())
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                byte[] sent = new byte[question], received = new byte[answer];
                sent[question - 1] = 42;
                Slices.Make(() =>
                {
                    socket.Send(sent);
                    return Receive(socket, received) && received[answer - 1] == 42;
                });
            }
        }

        private static void Answer(Socket listener, int question, int answer)
        {
            using (Socket socket = listener.Accept())
            {
                byte[] received = new byte[question], sent = new byte[answer];
                while (Receive(socket, received))
                {
                    Buffer.BlockCopy(received, question - answer, sent, 0, answer);
                    socket.Send(sent);
                }
            }
        }

        private static bool Receive(Socket socket, byte[] whole)
        {
            for (int had = 0; had < whole.Length;)
            {
                int more = socket.Receive(whole, had, whole.Length - had, SocketFlags.None);
                if (more == 0)
                    return false;
                had += more;
            }
            return true;
        }

        private static Socket Unix() => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    }
}
