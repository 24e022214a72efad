using Sightline.Models.Clip;
using Sightline.Training.Data;
using TorchSharp;
using static Sightline.Training.Tests.Clip.Gradients;
using static TorchSharp.torch;

namespace Sightline.Training.Tests.Clip;

public sealed class ClipTrainerTests : IDisposable
{
    private readonly TinyClip _tiny = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _tiny.Dispose();
    }

    [Theory]
    [InlineData(TinyClip.Vit, ScalarType.Float32, 1)]
    [InlineData(TinyClip.Vit, ScalarType.BFloat16, 2)]
    [InlineData(TinyClip.ResNet, ScalarType.Float32, 1)]
    [InlineData(TinyClip.ResNet, ScalarType.BFloat16, 2)]
    public void Loss_falls_on_a_tiny_set(string tower, ScalarType type, int parts)
    {
        using var task = TinyClip.Trainer(_tiny.Settings(tower), type);
        using var source = new RepeatedBatch(() => TinyClip.AllColours(), parts);
        var (first, last) = TinyClip.Train(task, source, 60, 0.005);
        Assert.True(first > 1.5 && last < 0.6 * first, $"{first} -> {last}");
    }

    [Theory]
    [InlineData(TinyClip.Vit, "{}")]
    [InlineData(TinyClip.ResNet, """{"label_weight": 0.5, "label_smoothing": 0.1}""")]
    public void Gradients_are_those_of_finite_differences(string tower, string loss)
    {
        using var task = TinyClip.Trainer(_tiny.Settings(tower, loss), ScalarType.Float64, labels: 3);
        StartBlocks(task);
        using var batch = TinyClip.Batch(
            32, ["a picture in red", "a picture in blue", "green", "", "a picture in red", "grey"], [1, 2, 3, 4, 5, 1],
            [0, 2, -1, 1, -1, 0]);
        TinyClip.Backward(task, batch);
        AssertAreOf(Named(task), () => TinyClip.Backward(task, batch)["loss"], most: 2);
    }

    [Fact]
    public void Parts_of_a_step_give_what_one_part_gives()
    {
        using var task = TinyClip.Trainer(_tiny.Settings(loss: """{"label_weight": 0.3}"""), ScalarType.Float64, labels: 2);
        using var batch = TinyClip.Batch(
            32, ["a picture in red", "", "green", "blue", "a picture in pink that is long", "grey", "green", ""], [1, 2, 3, 4, 5, 6, 7, 1],
            [0, 1, -1, -1, 0, -1, 1, -1]);
        var whole = TinyClip.Backward(task, batch);
        var expected = task.Parameters.Select(p => p.Parameter.grad!.clone()).ToArray();
        var parted = TinyClip.Backward(task, TinyClip.Parts(batch, 4));

        Assert.All(whole, figure => Assert.Equal(figure.Value, parted[figure.Key], 12));
        foreach (var (trained, gradient) in task.Parameters.Zip(expected))
        {
            using var again = trained.Parameter.grad;
            Assert.InRange(Difference(gradient, again!), 0, 1e-9);
        }
    }

    [Fact]
    public void Parts_with_batch_statistics_are_one_graph_over_the_same_parts_and_move_the_statistics_once()
    {
        var settings = _tiny.Settings(TinyClip.ResNet);
        using var task = TinyClip.Trainer(settings, ScalarType.Float64);
        StartBlocks(task);
        using var batch = TinyClip.AllColours();
        var parts = TinyClip.Parts(batch, 2);
        var before = task.Buffers.ToDictionary(b => b.Name, b => b.Tensor.clone());
        TinyClip.Backward(task, parts);
        var moved = task.Buffers.ToDictionary(b => b.Name, b => b.Tensor.clone());

        // One pass over each part alone moves the statistics as far.
        using var other = TinyClip.Trainer(settings, ScalarType.Float64);
        StartBlocks(other);
        Array.ForEach(parts, p => TinyClip.Backward(other, p));
        Assert.All(other.Buffers, b => Assert.InRange(Difference(b.Tensor, moved[b.Name]), 0, 1e-12));
        Assert.Contains(moved, m => Difference(m.Value, before[m.Key]) > 0.01);
        AssertAreOf(Named(task), () => TinyClip.Backward(task, parts)["loss"], most: 1);
    }

    [Fact]
    public void Temperature_begins_at_the_papers_and_never_exceeds_a_hundred()
    {
        using var task = TinyClip.Trainer(_tiny.Settings());
        var scale = task.Parameters.Single(p => p.Name == "logit_scale");
        Assert.Equal(Math.Log(1 / 0.07), scale.Parameter.ToDouble(), 5);
        Assert.False(scale.Decays);
        using (no_grad())
        {
            scale.Parameter.fill_(7);
            task.Updated();
        }

        Assert.Equal(100, Math.Exp(scale.Parameter.ToDouble()), 3);
    }

    [Fact]
    public void Only_matrices_and_kernels_decay()
    {
        using var vit = TinyClip.Trainer(_tiny.Settings());
        using var resNet = TinyClip.Trainer(_tiny.Settings(TinyClip.ResNet));
        var decays = vit.Parameters.Concat(resNet.Parameters).ToLookup(p => p.Decays, p => p.Name);

        Assert.Equal(
            [
                "logit_scale", "positional_embedding", "token_embedding.weight", "visual.attnpool.positional_embedding",
                "visual.class_embedding", "visual.positional_embedding",
            ],
            decays[false]
                .Where(n => !Array.Exists(["bias", "ln_", "bn", "downsample.1"], part => n.Contains(part, StringComparison.Ordinal)))
                .Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("visual.proj", decays[true]);
        Assert.Contains("text_projection", decays[true]);
        Assert.Contains("visual.layer1.0.conv2.weight", decays[true]);
    }

    [Theory]
    [InlineData("image", "visual.")]
    [InlineData("text", "t")]
    public void A_frozen_tower_stays_as_it_was(string frozen, string prefix)
    {
        var folder = _tiny.Folder("start");
        using (var start = TinyClip.Trainer(_tiny.Settings(TinyClip.ResNet)))
        {
            start.Export(folder, TinyClip.Weights(start));
        }

        using var task = TinyClip.Trainer(TinyClip.From(folder, $"\"freeze\": [\"{frozen}\"]"));
        using var source = new RepeatedBatch(() => TinyClip.AllColours(), 2);
        var (first, last) = TinyClip.Train(task, source, 20, 0.01);
        var after = _tiny.Folder("after");
        task.Export(after, TinyClip.Weights(task));

        Assert.True(last < first);
        var (old, trained) = (Stored(folder), Stored(after));
        Assert.All(old, t => Assert.True(
            !t.Key.StartsWith(prefix, StringComparison.Ordinal) || t.Value.SequenceEqual(trained[t.Key]), $"{t.Key} has changed"));
        Assert.Contains(old, t => !t.Value.SequenceEqual(trained[t.Key]));
    }

    [Fact]
    public void A_student_approaches_its_teachers()
    {
        // One of them was taught on pictures of another size than the student's.
        var teachers = new[] { (TinyClip.Vit, 48), (TinyClip.ResNet, 32) }.Select(t =>
        {
            var (tower, size) = t;
            using var teacher = TinyClip.Trainer(_tiny.Settings(tower, size: size));
            using var pictures = new RepeatedBatch(() => TinyClip.AllColours(size));
            TinyClip.Train(teacher, pictures, 60, 0.005);
            var folder = _tiny.Folder($"teacher{size}");
            teacher.Export(folder, TinyClip.Weights(teacher));
            return $"\"{folder}\"";
        });
        var loss = $$"""{"teachers": [{{string.Join(", ", teachers)}}], "teacher_weight": 1}""";
        using var student = TinyClip.Trainer(_tiny.Settings(loss: loss));
        using var source = new RepeatedBatch(() => TinyClip.AllColours(), 2);
        using var batch = TinyClip.AllColours();
        var before = TinyClip.Backward(student, batch);
        var (first, last) = TinyClip.Train(student, source, 80, 0.005);
        var figures = TinyClip.Backward(student, batch);

        Assert.True(last < 0.8 * first, $"{first} -> {last}");
        Assert.Equal(figures["loss"], figures["teacher_loss"], 6);

        // The captions were not part of the loss; the teachers knew them.
        Assert.True(figures["contrastive_loss"] < 0.8 * before["contrastive_loss"]);
    }

    [Fact]
    public void Labels_alone_train_the_image_tower()
    {
        using var task = TinyClip.Trainer(_tiny.Settings(loss: """{"label_weight": 1}"""), labels: 2);
        string[] none = ["", "", "", "", "", "", "", ""];
        using var source = new RepeatedBatch(() => TinyClip.Batch(32, none, labels: [0, 1, 0, 1, 0, 1, 0, -1]), 2);
        var (first, last) = TinyClip.Train(task, source, 40, 0.003);
        Assert.True(last < 0.3 * first, $"{first} -> {last}");
        using var nothing = TinyClip.Batch(32, ["", ""]);
        Assert.Throws<TrainingConfigException>(() => TinyClip.Backward(task, nothing));
    }

    [Fact]
    public void A_step_leaves_no_tensor_behind()
    {
        using var task = TinyClip.Trainer(_tiny.Settings(TinyClip.ResNet));
        using var batch = TinyClip.AllColours();
        var parts = TinyClip.Parts(batch, 2);
        TinyClip.Backward(task, parts);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        TinyClip.Backward(task, parts);
        TinyClip.Backward(task, batch);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // The last gains of a new ResNet's blocks are zero: what lies before them would have no gradient.
    private static void StartBlocks(Training.Clip.ClipTrainer task)
    {
        using var guard = no_grad();
        foreach (var (name, parameter, _) in task.Parameters.Where(p => p.Name.EndsWith("bn3.weight", StringComparison.Ordinal)))
        {
            parameter.fill_(0.7);
        }
    }

    private static IEnumerable<(string, TorchSharp.Modules.Parameter)> Named(Training.Clip.ClipTrainer task) =>
        task.Parameters.Select(p => (p.Name, p.Parameter));

    private static Dictionary<string, float[]> Stored(string folder)
    {
        using var checkpoint = Models.Weights.Checkpoint.Open(ModelFolder.FindCheckpoint(folder));
        return checkpoint.Tensors.ToDictionary(t => t.Key, t => t.Value.ReadFloats());
    }
}
