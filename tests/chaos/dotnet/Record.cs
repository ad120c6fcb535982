using System;
using System.IO;

/// <summary>A file of pairs of numbers, each of which is one small write, and survives this process.</summary>
internal sealed class Record
{
    private readonly FileStream _file;

    // Without a buffer of its own: each pair reaches the system at once.
    public Record(string path) => _file = new FileStream(
        path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1);

    /// <summary>Each call carries its id, and this number of it, so that a spoiled id is noticed.</summary>
    public static ulong Check(ulong id) => id ^ 0x5a_5a5a_5a5a_5a5a;

    public void Note(ulong first, ulong second)
    {
        var pair = new byte[16];
        BitConverter.GetBytes(first).CopyTo(pair, 0);
        BitConverter.GetBytes(second).CopyTo(pair, 8);
        lock (_file)
            _file.Write(pair, 0, pair.Length);
    }
}
