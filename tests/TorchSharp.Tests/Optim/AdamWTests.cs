using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Optim;

public sealed class AdamWTests
{
    [Fact]
    public void Steps_follow_the_algorithm()
    {
        using var parameter = Parameter(1, -2);
        using var optimizer = optim.AdamW([parameter], lr: 0.1, beta1: 0.8, beta2: 0.9, eps: 1e-3, weight_decay: 0.05);
        var expected = new Reference([1, -2], 0.8, 0.9, 1e-3);
        for (var i = 1; i <= 5; i++)
        {
            double[] gradient = [0.3 * i, -1.0 / i];
            SetGradient(parameter, gradient);
            optimizer.step();
            Numbers.AssertClose(expected.Step(gradient, 0.1, 0.05), parameter, 1e-12);
        }
    }

    [Fact]
    public void The_first_step_is_the_rate_itself_against_the_sign()
    {
        using var parameter = Parameter(1, -2);
        using var optimizer = optim.AdamW([parameter], lr: 0.01, eps: 0);
        SetGradient(parameter, 5, -0.001);
        optimizer.step();
        Numbers.AssertClose([1 - 0.01, -2 + 0.01], parameter, 1e-12);
    }

    [Fact]
    public void Groups_have_settings_of_their_own()
    {
        using var slow = Parameter(1);
        using var fast = Parameter(1);
        using var optimizer = optim.AdamW(
            [
                new AdamW.ParamGroup([slow], new AdamW.Options { LearningRate = 0.01, weight_decay = 0 }),
                new AdamW.ParamGroup([fast], new AdamW.Options()),
            ],
            lr: 0.1, weight_decay: 0.5, eps: 0);
        SetGradient(slow, 1);
        SetGradient(fast, 1);
        optimizer.step();
        Numbers.AssertClose([0.99], slow, 1e-12);
        Numbers.AssertClose([1 - 0.1 * 0.5 - 0.1], fast, 1e-12);
    }

    [Fact]
    public void A_schedule_changes_the_rate()
    {
        using var parameter = Parameter(1);
        using var optimizer = optim.AdamW([parameter], lr: 0.1, eps: 0);
        var group = Assert.Single(optimizer.ParamGroups);
        group.LearningRate = 0.001;
        SetGradient(parameter, 1);
        optimizer.step();
        Numbers.AssertClose([0.999], parameter, 1e-12);
        Assert.Equal(0.1, group.InitialLearningRate);
    }

    [Fact]
    public void A_parameter_without_gradient_stays_and_keeps_its_own_count_of_steps()
    {
        using var steady = Parameter(1);
        using var late = Parameter(1);
        using var optimizer = optim.AdamW([steady, late], lr: 0.1, weight_decay: 0.5, eps: 0);
        SetGradient(steady, 1);
        optimizer.step();
        Assert.Equal([1], Numbers.Of(late));
        SetGradient(late, 1);
        optimizer.step();
        Numbers.AssertClose([1 - 0.1 * 0.5 - 0.1], late, 1e-12);
    }

    [Fact]
    public void Zero_grad_forgets_the_gradients()
    {
        using var parameter = Parameter(1);
        using var optimizer = optim.AdamW([parameter]);
        SetGradient(parameter, 1);
        optimizer.zero_grad();
        Assert.Null(parameter.grad);
    }

    [Fact]
    public void Training_finds_the_minimum()
    {
        using var parameter = Parameter(5, -3);
        using var optimizer = optim.AdamW([parameter], lr: 0.3);
        for (var i = 0; i < 200; i++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            optimizer.step(() =>
            {
                var loss = (parameter - 2).pow(2).sum();
                loss.backward();
                return loss;
            });
        }

        Numbers.AssertClose([2, 2], parameter, 1e-2);
    }

    [Fact]
    public void Restored_state_continues_where_it_was_saved()
    {
        using var folder = new MemoryStream();
        using var first = Parameter(1, -2);
        using var optimizer = optim.AdamW([first], lr: 0.1);
        Train(first, optimizer);
        optimizer.ParamGroups.Single().LearningRate = 0.05;
        using (var writer = new BinaryWriter(folder, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            optimizer.save_state_dict(writer);
        }

        folder.Position = 0;
        using var second = new Parameter(first.clone());
        using var restored = optim.AdamW([second], lr: 0.7);
        using var reader = new BinaryReader(folder);
        restored.load_state_dict(reader);
        Train(first, optimizer);
        Train(second, restored);
        Assert.Equal(Numbers.Of(first), Numbers.Of(second));
        Assert.Equal(0.05, restored.ParamGroups.Single().LearningRate);
    }

    [Fact]
    public void State_copied_from_another_optimizer_is_a_copy()
    {
        using var first = Parameter(1, -2);
        using var second = Parameter(1, -2);
        using var optimizer = optim.AdamW([first], lr: 0.1);
        using var other = optim.AdamW([second], lr: 0.1);
        Train(first, optimizer);
        other.load_state_dict(optimizer.state_dict());
        var before = Numbers.Of(((AdamW.State)other.state_dict().State[0]).exp_avg);
        Train(first, optimizer);
        Assert.Equal(before, Numbers.Of(((AdamW.State)other.state_dict().State[0]).exp_avg));
    }

    [Fact]
    public void State_of_other_shapes_is_refused()
    {
        using var first = Parameter(1, -2);
        using var second = Parameter(1, -2, 3);
        using var optimizer = optim.AdamW([first]);
        using var other = optim.AdamW([second]);
        using var more = optim.AdamW([first, second]);
        using var saved = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(saved));
        saved.Position = 0;
        var error = Assert.Throws<ArgumentException>(() => other.load_state_dict(new BinaryReader(saved)));
        Assert.Contains("[2]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => more.load_state_dict(optimizer.state_dict()));
    }

    [Theory]
    [InlineData(-1, 0.9, 0.999)]
    [InlineData(0.1, 1, 0.999)]
    [InlineData(0.1, 0.9, double.NaN)]
    public void Settings_out_of_range_are_refused(double rate, double beta1, double beta2)
    {
        using var parameter = Parameter(1);
        Assert.Throws<ArgumentException>(() => optim.AdamW([parameter], rate, beta1, beta2));
    }

    [Fact]
    public void Clipping_scales_all_gradients_to_the_norm_asked_for()
    {
        using var first = Parameter(0, 0);
        using var second = Parameter(0);
        SetGradient(first, 3, 0);
        SetGradient(second, 4);
        Assert.Equal(5, nn.utils.clip_grad_norm_([first, second], 1), 1e-6);
        Numbers.AssertClose([0.6, 0], first.grad!);
        Numbers.AssertClose([0.8], second.grad!);
        Assert.Equal(1, nn.utils.clip_grad_norm_([first, second], 2), 1e-5);
        Numbers.AssertClose([0.8], second.grad!);
    }

    private static Parameter Parameter(params double[] values)
    {
        using var made = tensor(values);
        return new Parameter(made);
    }

    private static void SetGradient(Parameter parameter, params double[] gradient)
    {
        using var made = tensor(gradient);
        parameter.grad = made;
    }

    private static void Train(Parameter parameter, AdamW optimizer)
    {
        for (var i = 1; i <= 3; i++)
        {
            SetGradient(parameter, 0.3 * i, -1.0 / i);
            optimizer.step();
        }
    }

    // Algorithm 2 of arXiv 1711.05101, one number at a time.
    private sealed class Reference(double[] values, double beta1, double beta2, double eps)
    {
        private readonly double[] _mean = new double[values.Length];
        private readonly double[] _square = new double[values.Length];
        private int _step;

        internal double[] Step(double[] gradient, double rate, double decay)
        {
            _step++;
            for (var i = 0; i < values.Length; i++)
            {
                _mean[i] = beta1 * _mean[i] + (1 - beta1) * gradient[i];
                _square[i] = beta2 * _square[i] + (1 - beta2) * gradient[i] * gradient[i];
                var mean = _mean[i] / (1 - Math.Pow(beta1, _step));
                var square = _square[i] / (1 - Math.Pow(beta2, _step));
                values[i] -= rate * (mean / (Math.Sqrt(square) + eps) + decay * values[i]);
            }

            return values;
        }
    }
}
