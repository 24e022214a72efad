using System.Buffers.Binary;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp.Native;

namespace TorchSharp.Tests.Native;

public sealed class ExportsTests
{
    private static string LibraryPath => Path.Combine(AppContext.BaseDirectory, $"lib{NativeMethods.Library}.so");

    [Fact]
    public void The_library_exports_what_is_imported_and_nothing_else()
    {
        var imported = typeof(NativeMethods).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Select(m => m.Name).Where(n => n.StartsWith("sl_torch_", StringComparison.Ordinal)).Distinct();
        Assert.Equal(imported.Order(StringComparer.Ordinal), ExportedFunctions().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_import_resolves()
    {
        var library = NativeLibrary.Load(LibraryPath);
        Assert.All(ExportedFunctions(), name => Assert.True(NativeLibrary.TryGetExport(library, name, out _), name));
        NativeLibrary.Free(library);
    }

    [Fact]
    public void An_argument_is_sixteen_bytes_on_both_sides()
    {
        // native/torch.cpp asserts the same numbers when it compiles.
        Assert.Equal(16, Marshal.SizeOf<NativeValue>());
        Assert.Equal(0, Marshal.OffsetOf<NativeValue>(nameof(NativeValue.Kind)));
        Assert.Equal(4, Marshal.OffsetOf<NativeValue>(nameof(NativeValue.Count)));
        Assert.Equal(8, Marshal.OffsetOf<NativeValue>(nameof(NativeValue.Payload)));
    }

    // The functions that a 64-bit little-endian ELF file defines for others: .dynsym (section type 11) holds 24-byte entries of name, info
    // (low four bits: 2 = function; high four: binding, 1 = global), other, section, value, size. Templates of libtorch come out weak.
    private static IEnumerable<string> ExportedFunctions()
    {
        var elf = File.ReadAllBytes(LibraryPath);
        var headers = (int)BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan(0x28));
        var size = BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(0x3A));
        var count = BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(0x3C));
        var symbols = Enumerable.Range(0, count).Select(i => headers + i * size).Single(h => BitConverter.ToInt32(elf, h + 4) == 11);
        var names = Offset(elf, headers + BitConverter.ToInt32(elf, symbols + 0x28) * size);
        var (start, length) = (Offset(elf, symbols), (int)BitConverter.ToInt64(elf, symbols + 0x20));
        for (var entry = start; entry < start + length; entry += 24)
        {
            if (elf[entry + 4] == 0x12 && BitConverter.ToUInt16(elf, entry + 6) != 0)
            {
                var name = elf.AsSpan(names + BitConverter.ToInt32(elf, entry));
                yield return Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]);
            }
        }
    }

    private static int Offset(byte[] elf, int header) => (int)BitConverter.ToInt64(elf, header + 0x18);
}
