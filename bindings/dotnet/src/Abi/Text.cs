using System;
using System.Text;

namespace Callgate.Abi
{
    /// <summary>Text for and from C.</summary>
    internal static unsafe class Text
    {
        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, throwOnInvalidBytes: false);

        /// <summary>A name as NUL-terminated UTF-8.</summary>
        public static byte[] Name(string name)
        {
            if (name == null)
                throw new ArgumentNullException(nameof(name));
            if (name.IndexOf('\0') >= 0)
                throw new ArgumentException("A name must not contain NUL.", nameof(name));
            return Utf8.GetBytes(name + "\0");
        }

        /// <summary>Text as UTF-8; unpaired surrogates become U+FFFD.</summary>
        public static byte[] Bytes(string text) => Utf8.GetBytes(text);

        /// <summary>The text that a C function returned.</summary>
        public static string Read(byte* text, UIntPtr length) =>
            length == UIntPtr.Zero ? "" : Utf8.GetString(text, checked((int)length));

        /// <summary>A NUL-terminated name.</summary>
        public static string ReadName(byte* name)
        {
            int length = 0;
            while (name[length] != 0)
                length++;
            return Utf8.GetString(name, length);
        }
    }
}
