using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

/// <summary>Describes a value in the form that README.md defines for all languages.</summary>
internal static class Description
{
    private static readonly DateTime Epoch = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static string Of(object? value)
    {
        switch (value)
        {
            case null: return "nil";
            case bool flag: return flag ? "true" : "false";
            case double number: return OfDouble(number);
            case string text: return OfText(text);
            case byte[] bytes: return "bin:" + Hex(bytes);
            case DateTime moment: return OfMoment(moment);
            case IDictionary<object, object?> map: return OfMap(map);
            case System.Collections.IEnumerable all: return $"[{string.Join(", ", all.Cast<object?>().Select(Of))}]";
            case IFormattable integer: return integer.ToString(null, CultureInfo.InvariantCulture);
            default: throw new ArgumentException($"{value.GetType()} has no description");
        }
    }

    private static string OfDouble(double value) => double.IsNaN(value)
        ? "float:nan"
        : $"float:{BitConverter.DoubleToInt64Bits(value):x16}";

    /// <summary>Printable ASCII unchanged, all other bytes of the UTF-8 as \xHH.</summary>
    private static string OfText(string text)
    {
        var made = new StringBuilder("\"");
        foreach (byte letter in Encoding.UTF8.GetBytes(text))
            made.Append(letter >= 0x20 && letter < 0x7f && letter != '"' && letter != '\\'
                ? ((char)letter).ToString()
                : $"\\x{letter:x2}");
        return made.Append('"').ToString();
    }

    private static string OfMap(IDictionary<object, object?> map)
    {
        var entries = map.Select(entry => (Key: Of(entry.Key), Value: Of(entry.Value)))
            .OrderBy(entry => entry.Key, StringComparer.Ordinal);
        return $"{{{string.Join(", ", entries.Select(entry => $"{entry.Key}: {entry.Value}"))}}}";
    }

    /// <summary>Whole seconds since 1970, rounded down, plus nanoseconds.</summary>
    private static string OfMoment(DateTime moment)
    {
        long ticks = (moment - Epoch).Ticks;
        long rest = (ticks % TimeSpan.TicksPerSecond + TimeSpan.TicksPerSecond) % TimeSpan.TicksPerSecond;
        return $"time:{(ticks - rest) / TimeSpan.TicksPerSecond}.{rest * 100:d9}";
    }

    private static string Hex(byte[] bytes) => string.Concat(bytes.Select(value => value.ToString("x2")));
}
