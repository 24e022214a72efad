using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sightline.Models.Weights;

/// <summary>
/// A pickle machine that builds plain containers and tensor descriptions and runs no code (protocols 0x80 02 to 04, the opcodes that
/// PyTorch's weights-only loader accepts). A global is a name; a call that is not known becomes an inert record.
/// </summary>
internal ref struct PickleReader(ReadOnlySpan<byte> bytes)
{
    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Reads one pickle.</summary>
    /// <param name="bytes">Begins with the pickle.</param>
    /// <param name="length">Its length.</param>
    /// <exception cref="InvalidDataException">The pickle is damaged or uses an opcode that no checkpoint needs.</exception>
    internal static object? Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new PickleReader(bytes);
        var result = reader.Run();
        length = bytes.Length - reader._rest.Length;
        return result;
    }

    private object? Run()
    {
        while (true)
        {
            var opcode = Take(1)[0];
            switch (opcode)
            {
                case 0x80: Take(1); break; // PROTO
                case 0x95: Take(8); break; // FRAME
                case (byte)'.': return Pop();
                case (byte)'(': _stack.Add(Mark); break;
                case (byte)'0': Pop(); break;
                case (byte)'1': PopToMark(); break;
                case (byte)'2': _stack.Add(Peek()); break;
                case (byte)'N': _stack.Add(null); break;
                case 0x88: _stack.Add(true); break;
                case 0x89: _stack.Add(false); break;
                case (byte)'J': _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case (byte)'K': _stack.Add((long)Take(1)[0]); break;
                case (byte)'M': _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case 0x8a: _stack.Add(ReadLong(Take(1)[0])); break;
                case (byte)'G': _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case (byte)'X': _stack.Add(ReadText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case 0x8c: _stack.Add(ReadText(Take(1)[0])); break;
                case (byte)'U': _stack.Add(Encoding.Latin1.GetString(Take(Take(1)[0]))); break;
                case (byte)'T': _stack.Add(Encoding.Latin1.GetString(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))); break;
                case (byte)'B': _stack.Add(Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray()); break;
                case (byte)'C': _stack.Add(Take(Take(1)[0]).ToArray()); break;
                case (byte)')': _stack.Add(Array.Empty<object?>()); break;
                case (byte)'t': _stack.Add(PopToMark()); break;
                case 0x85: _stack.Add(PopMany(1)); break;
                case 0x86: _stack.Add(PopMany(2)); break;
                case 0x87: _stack.Add(PopMany(3)); break;
                case (byte)']': _stack.Add(new List<object?>()); break;
                case 0x8f: _stack.Add(new List<object?>()); break; // EMPTY_SET
                case (byte)'a': Append([Pop()]); break;
                case (byte)'e': Append(PopToMark()); break;
                case 0x90: Append(PopToMark()); break; // ADDITEMS
                case (byte)'}': _stack.Add(new PickleDictionary()); break;
                case (byte)'s': SetItems(PopMany(2)); break;
                case (byte)'u': SetItems(PopToMark()); break;
                case (byte)'q': _memo[Take(1)[0]] = Peek(); break;
                case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
                case 0x94: _memo[_memo.Count] = Peek(); break;
                case (byte)'h': _stack.Add(Remembered(Take(1)[0])); break;
                case (byte)'j': _stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
                case (byte)'c': _stack.Add(new PickleGlobal(ReadLine(), ReadLine())); break;
                case 0x93: PushGlobal(); break;
                case 0x81: // NEWOBJ
                case (byte)'R': Call(); break;
                case (byte)'b': Build(); break;
                case (byte)'Q': _stack.Add(new PickleStorage(Pop())); break;
                default:
                    throw new InvalidDataException($"opcode 0x{opcode:x2} has no place in a checkpoint's pickle.");
            }
        }
    }

    private void PushGlobal()
    {
        var name = Pop() as string;
        var module = Pop() as string;
        _stack.Add(name is not null && module is not null
            ? new PickleGlobal(module, name)
            : throw new InvalidDataException("a global's name is no text."));
    }

    private void Call()
    {
        var arguments = Pop();
        var callable = Pop();
        var list = arguments as object?[] ?? [];
        _stack.Add(callable switch
        {
            PickleGlobal { Module: "collections", Name: "OrderedDict" } => ToDictionary(list),
            PickleGlobal { Module: "torch._utils",
                Name: "_rebuild_tensor_v2" or "_rebuild_tensor_v3" or "_rebuild_tensor" } when list.Length >= 4 =>
                new PickleTensor(list[0], ToInteger(list[1]), ToIntegers(list[2]), ToIntegers(list[3])),
            PickleGlobal { Module: "torch._utils", Name: "_rebuild_parameter" or "_rebuild_parameter_with_state" }
                or PickleGlobal { Module: "torch.jit._pickle" } when list.Length >= 1 => list[0],
            _ => new PickleRecord(callable, arguments),
        });
    }

    private void Build()
    {
        var state = Pop();
        if (Peek() is PickleRecord record)
        {
            record.State = state;
        }
    }

    private readonly void Append(ReadOnlySpan<object?> items)
    {
        // A list subclass of the file's own is inert; what is put into it is not needed.
        if (Peek() is List<object?> list)
        {
            list.AddRange(items);
        }
    }

    private readonly void SetItems(object?[] items)
    {
        if (Peek() is PickleDictionary dictionary)
        {
            for (var i = 0; i + 1 < items.Length; i += 2)
            {
                dictionary.Items.Add((items[i], items[i + 1]));
            }
        }
    }

    private static PickleDictionary ToDictionary(object?[] arguments)
    {
        var dictionary = new PickleDictionary();
        if (arguments is [List<object?> pairs, ..])
        {
            dictionary.Items.AddRange(pairs.OfType<object?[]>().Where(p => p.Length == 2).Select(p => (p[0], p[1])));
        }

        return dictionary;
    }

    private static long[] ToIntegers(object? value) => value switch
    {
        object?[] tuple => [.. tuple.Select(ToInteger)],
        List<object?> list => [.. list.Select(ToInteger)],
        PickleRecord { Arguments: object?[] and [object?[] size] } => [.. size.Select(ToInteger)], // torch.Size
        _ => throw new InvalidDataException("a tensor's sizes are no numbers."),
    };

    private static long ToInteger(object? value) =>
        value is long number ? number : throw new InvalidDataException("a tensor's size is no number.");

    private object ReadLong(int length)
    {
        var number = new BigInteger(Take(length));
        return number >= long.MinValue && number <= long.MaxValue ? (long)number : number;
    }

    private string ReadText(long length) => Encoding.UTF8.GetString(Take(length));

    private string ReadLine()
    {
        var end = _rest[..Math.Min(_rest.Length, 1024)].IndexOf((byte)'\n');
        return end >= 0
            ? Encoding.UTF8.GetString(Take(end + 1)[..end])
            : throw new InvalidDataException("a global's name does not end.");
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _rest.Length)
        {
            throw new InvalidDataException("the pickle ends in the middle of a value.");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    private readonly object? Peek() =>
        _stack.Count > 0 ? _stack[^1] : throw new InvalidDataException("the pickle takes from an empty stack.");

    private readonly object? Pop()
    {
        var top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private readonly object?[] PopMany(int count)
    {
        if (_stack.Count < count)
        {
            throw new InvalidDataException("the pickle takes from an empty stack.");
        }

        object?[] items = [.. _stack.Skip(_stack.Count - count)];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private readonly object?[] PopToMark()
    {
        var mark = _stack.LastIndexOf(Mark);
        if (mark < 0)
        {
            throw new InvalidDataException("the pickle closes a list that it did not open.");
        }

        var items = PopMany(_stack.Count - mark - 1);
        _stack.RemoveAt(mark);
        return items;
    }

    private readonly object? Remembered(long key) => _memo.TryGetValue(key, out var value)
        ? value
        : throw new InvalidDataException($"the pickle recalls {key.ToString(CultureInfo.InvariantCulture)}, which it never stored.");
}
