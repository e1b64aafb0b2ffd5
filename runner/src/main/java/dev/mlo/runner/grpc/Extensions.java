package dev.mlo.runner.grpc;

import dev.mlo.contract.DataType;
import dev.mlo.contract.Serving;
import dev.mlo.contract.TensorSpec;
import dev.mlo.runner.infer.ModelFacts;
import dev.mlo.runner.infer.Statistics;
import inference.ConfigDataType;
import inference.InferStatistics;
import inference.ModelConfig;
import inference.ModelConfigResponse;
import inference.ModelInput;
import inference.ModelOutput;
import inference.ModelStatistics;
import inference.ModelStatisticsResponse;
import inference.ModelTransactionPolicy;
import inference.RepositoryIndexResponse;
import inference.StatisticDuration;
import java.util.List;
import java.util.Map;

/// What the extensions of the protocol tell, as messages.
final class Extensions {
  private Extensions() {}

  static RepositoryIndexResponse index(List<Serving> loaded) {
    var reply = RepositoryIndexResponse.newBuilder();
    for (Serving serving : loaded) {
      reply.addModels(
          RepositoryIndexResponse.ModelIndex.newBuilder()
              .setName(serving.model())
              .setVersion(serving.version())
              .setState("READY"));
    }
    return reply.build();
  }

  static ModelStatisticsResponse statistics(Map<Serving, Statistics> counted) {
    var reply = ModelStatisticsResponse.newBuilder();
    counted.forEach((serving, statistics) ->
        reply.addModelStats(
            ModelStatistics.newBuilder()
                .setName(serving.model())
                .setVersion(serving.version())
                .setLastInference(statistics.last())
                .setInferenceCount(statistics.success().count())
                .setExecutionCount(statistics.executions())
                .setInferenceStats(sums(statistics))));
    return reply.build();
  }

  private static InferStatistics sums(Statistics statistics) {
    return InferStatistics.newBuilder()
        .setSuccess(sum(statistics.success()))
        .setFail(sum(statistics.fail()))
        .setQueue(sum(statistics.queue()))
        .setComputeInput(sum(statistics.decode()))
        .setComputeInfer(sum(statistics.infer()))
        .setComputeOutput(sum(statistics.encode()))
        .build();
  }

  private static StatisticDuration sum(Statistics.Sum sum) {
    return StatisticDuration.newBuilder().setCount(sum.count()).setNs(sum.nanos()).build();
  }

  static ModelConfigResponse configuration(ModelFacts facts) {
    var config =
        ModelConfig.newBuilder()
            .setName(facts.serving().model())
            .setPlatform(facts.platform())
            .setModelTransactionPolicy(ModelTransactionPolicy.getDefaultInstance());
    for (TensorSpec spec : facts.signature().inputs()) {
      config.addInput(
          ModelInput.newBuilder()
              .setName(spec.name())
              .setDataType(type(spec.datatype()))
              .addAllDims(spec.shape().dimensions()));
    }
    for (TensorSpec spec : facts.signature().outputs()) {
      config.addOutput(
          ModelOutput.newBuilder()
              .setName(spec.name())
              .setDataType(type(spec.datatype()))
              .addAllDims(spec.shape().dimensions()));
    }
    return ModelConfigResponse.newBuilder().setConfig(config).build();
  }

  private static ConfigDataType type(DataType datatype) {
    return datatype == DataType.BYTES
        ? ConfigDataType.TYPE_STRING
        : ConfigDataType.valueOf("TYPE_" + datatype.name());
  }
}
