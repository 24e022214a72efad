using System.Reflection;

namespace TorchSharp.Tests;

/// <summary>
/// Code written against this binding must compile against the package TorchSharp. torchsharp-names.txt holds names of TorchSharp's own
/// public API; a public member of ours that is not among them fails here.
/// </summary>
public sealed class PublicNamesTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void Every_public_name_is_one_of_TorchSharp()
    {
        var theirs = TorchSharpNames();
        Assert.Empty(OurNames().Except(theirs));
    }

    [Fact]
    public void The_names_are_read_from_types_and_members_alike()
    {
        string[] some =
            ["torch.Tensor", "torch.Tensor.matmul", "torch.Tensor.Item", "torch.nn.functional.linear", "Modules.AdamW.Options.beta1"];
        Assert.Subset(OurNames().ToHashSet(), some.ToHashSet());
    }

    private static HashSet<string> TorchSharpNames()
    {
        using var reader = new StreamReader(typeof(PublicNamesTests).Assembly.GetManifestResourceStream("torchsharp-names.txt")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'))];
    }

    private static IEnumerable<string> OurNames() =>
        from type in typeof(torch).Assembly.GetExportedTypes()
        let name = type.FullName!.Replace('+', '.').Replace("TorchSharp.", "", StringComparison.Ordinal)
        from member in type.GetMembers(Declared).Where(IsVisible).Select(m => $"{name}.{m.Name}").Append(name).Distinct()
        select member;

    private static bool IsVisible(MemberInfo member) => member switch
    {
        ConstructorInfo => false,
        MethodBase { IsSpecialName: true } operation when !operation.Name.StartsWith("op_", StringComparison.Ordinal) => false,
        MethodInfo { IsPrivate: false } method => IsVisible(method) && method.GetBaseDefinition().DeclaringType != typeof(object),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        _ => false,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
