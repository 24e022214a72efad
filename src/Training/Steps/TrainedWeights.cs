using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Steps;

/// <summary>
/// The weights of a training beside the ones its task computes with: float32 masters, since bfloat16 swallows an update 256 times smaller
/// than the weight (mixed precision, arXiv 1710.03740, section 3.1), their running averages, and what the optimizer remembers. A parameter
/// that is float32 in the task is its own master. For one thread.
/// </summary>
internal sealed class TrainedWeights : IDisposable
{
    private readonly IReadOnlyList<TrainedParameter> _parameters;
    private readonly IReadOnlyList<TrainedBuffer> _buffers;
    private readonly Parameter[] _masters;
    private readonly Tensor[]? _averages;
    private readonly double _emaDecay;
    private readonly double _clipNorm;
    private readonly AdamW _optimizer;

    /// <param name="task">Its parameters and buffers are read here, once, and written by every update; it outlives this.</param>
    internal TrainedWeights(ITrainingTask task, AdamWSettings settings, double emaDecay)
    {
        using var guard = no_grad();
        _parameters = task.Parameters;
        _buffers = task.Buffers;
        _masters = [.. _parameters.Select(MasterOf)];
        _averages = emaDecay > 0 ? [.. _masters.Select(m => m.clone().DetachFromDisposeScope())] : null;
        _emaDecay = emaDecay;
        _clipNorm = settings.ClipNorm;
        AdamW.ParamGroup[] groups = [Group(decays: true, settings.Decay), Group(decays: false, 0)];
        _optimizer = optim.AdamW(groups, settings.Rate, settings.Beta1, settings.Beta2, settings.Eps);
    }

    /// <summary>Updates done, without the steps that were skipped.</summary>
    internal long Updates { get; private set; }

    internal bool HasAverages => _averages is not null;

    internal OptimizerHelper Optimizer => _optimizer;

    /// <summary>
    /// Changes the masters, and with them the task's parameters, by the gradients that are there, which are then empty. Where a gradient is
    /// not finite, nothing is changed.
    /// </summary>
    /// <param name="rate">Step size.</param>
    /// <returns>The norm of all gradients together before they were clipped; not finite where one of them is not.</returns>
    internal double Update(double rate)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        for (var i = 0; i < _masters.Length; i++)
        {
            if (_masters[i] != _parameters[i].Parameter)
            {
                _masters[i].grad = _parameters[i].Parameter.grad?.to(ScalarType.Float32);
            }
        }

        var norm = nn.utils.clip_grad_norm_(_masters, _clipNorm);
        if (double.IsFinite(norm))
        {
            foreach (var group in _optimizer.ParamGroups)
            {
                group.LearningRate = rate;
            }

            _optimizer.step();
            CopyToTask();
            Updates++;
        }

        DropGradients();
        return norm;
    }

    /// <summary>Forgets the gradients of a step that is skipped.</summary>
    internal void DropGradients()
    {
        _optimizer.zero_grad();
        foreach (var (_, parameter, _) in _parameters)
        {
            parameter.grad = null;
        }
    }

    /// <summary>Takes over what the task has changed in its parameters after an update: any in float32, and a single number, such as a
    /// temperature, in any type. Then moves the averages.</summary>
    internal void TakeOver()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        for (var i = 0; i < _masters.Length; i++)
        {
            var parameter = _parameters[i].Parameter;
            if (_masters[i] != parameter && parameter.NumberOfElements == 1)
            {
                // The master's finer digits stay unless the task has changed the number.
                var changed = parameter.ne(_masters[i].to(parameter.dtype));
                _masters[i].copy_(where(changed, parameter.to(ScalarType.Float32), _masters[i]));
            }
        }

        if (_averages is not null)
        {
            var kept = AverageDecay(_emaDecay, Updates - 1);
            for (var i = 0; i < _averages.Length; i++)
            {
                _averages[i].mul_(kept).add_(_masters[i], 1 - kept);
            }
        }
    }

    /// <summary>How much of the averages an update keeps: less in the beginning, so that the first weights are soon forgotten (as in
    /// TensorFlow's ExponentialMovingAverage with num_updates).</summary>
    /// <param name="updates">Done before this one.</param>
    internal static double AverageDecay(double decay, long updates) => Math.Min(decay, (1.0 + updates) / (10.0 + updates));

    /// <summary>Puts the averages into the task's parameters, where there are such, until the result is disposed; then every number is what
    /// it was.</summary>
    internal IDisposable UseAverages()
    {
        using var guard = no_grad();
        var before = _averages is null ? [] : _parameters.Select(p => p.Parameter.clone().DetachFromDisposeScope()).ToArray();
        for (var i = 0; i < before.Length; i++)
        {
            _parameters[i].Parameter.copy_(_averages![i]);
        }

        return new Restoration(_parameters, before);
    }

    /// <summary>What a model is written from: averages where there are such, else the masters, and the buffers, on the CPU. The caller
    /// disposes them.</summary>
    internal Dictionary<string, Tensor> CopyForExport()
    {
        using var guard = no_grad();
        var weights = new Dictionary<string, Tensor>();
        for (var i = 0; i < _masters.Length; i++)
        {
            weights.Add(_parameters[i].Name, Copy(_averages?[i] ?? _masters[i]));
        }

        foreach (var (name, buffer) in _buffers)
        {
            weights.Add(name, Copy(buffer));
        }

        return weights;

        static Tensor Copy(Tensor tensor)
        {
            using var scope = NewDisposeScope();
            var whole = tensor.dtype is ScalarType.Int64 or ScalarType.Int32 or ScalarType.Byte or ScalarType.Bool;
            return tensor.detach().to(whole ? tensor.dtype : ScalarType.Float32).cpu().contiguous().clone().DetachFromDisposeScope();
        }
    }

    /// <summary>Every tensor that a checkpoint holds besides the optimizer's state, by its name there. Not copies.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> Tensors()
    {
        for (var i = 0; i < _masters.Length; i++)
        {
            yield return ("weights." + _parameters[i].Name, _masters[i]);
            if (_averages is not null)
            {
                yield return ("averages." + _parameters[i].Name, _averages[i]);
            }
        }

        foreach (var (name, buffer) in _buffers)
        {
            yield return ("buffers." + name, buffer);
        }
    }

    /// <summary>To be called once a checkpoint has filled <see cref="Tensors"/> and the optimizer's state.</summary>
    internal void Restored(long updates)
    {
        using var guard = no_grad();
        CopyToTask();
        Updates = updates;
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        foreach (var (master, parameter) in _masters.Zip(_parameters))
        {
            if (master != parameter.Parameter)
            {
                master.Dispose();
            }
        }

        foreach (var average in _averages ?? [])
        {
            average.Dispose();
        }
    }

    private static Parameter MasterOf(TrainedParameter trained)
    {
        if (trained.Parameter.dtype == ScalarType.Float32)
        {
            return trained.Parameter;
        }

        using var scope = NewDisposeScope();
        return new Parameter(trained.Parameter.to(ScalarType.Float32));
    }

    private AdamW.ParamGroup Group(bool decays, double decay) =>
        new(_parameters.Zip(_masters).Where(p => p.First.Decays == decays).Select(p => p.Second), new AdamW.Options { weight_decay = decay });

    private void CopyToTask()
    {
        for (var i = 0; i < _masters.Length; i++)
        {
            if (_masters[i] != _parameters[i].Parameter)
            {
                _parameters[i].Parameter.copy_(_masters[i]);
            }
        }
    }

    private sealed class Restoration(IReadOnlyList<TrainedParameter> parameters, Tensor[] before) : IDisposable
    {
        public void Dispose()
        {
            using var guard = no_grad();
            for (var i = 0; i < before.Length; i++)
            {
                parameters[i].Parameter.copy_(before[i]);
                before[i].Dispose();
            }
        }
    }
}
