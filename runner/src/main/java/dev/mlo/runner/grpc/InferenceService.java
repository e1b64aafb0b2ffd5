package dev.mlo.runner.grpc;

import dev.mlo.contract.TensorSpec;
import dev.mlo.runner.infer.Inferences;
import dev.mlo.runner.infer.ModelFacts;
import dev.mlo.runner.infer.Refusal;
import dev.mlo.runner.slot.Slot;
import inference.GRPCInferenceServiceGrpc;
import inference.ModelConfigRequest;
import inference.ModelConfigResponse;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import inference.ModelMetadataRequest;
import inference.ModelMetadataResponse;
import inference.ModelReadyRequest;
import inference.ModelReadyResponse;
import inference.ModelStatisticsRequest;
import inference.ModelStatisticsResponse;
import inference.RepositoryIndexRequest;
import inference.RepositoryIndexResponse;
import inference.ServerLiveRequest;
import inference.ServerLiveResponse;
import inference.ServerMetadataRequest;
import inference.ServerMetadataResponse;
import inference.ServerReadyRequest;
import inference.ServerReadyResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/// The Open Inference Protocol's gRPC side. It runs on the threads that read the connections, so
/// nothing in it waits; inference goes to the workers.
public final class InferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private final Slot slot;
  private final Inferences inferences;
  private final String runnerVersion;

  public InferenceService(Slot slot, Inferences inferences, String runnerVersion) {
    this.slot = slot;
    this.inferences = inferences;
    this.runnerVersion = runnerVersion;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
    answer(observer, ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(
      ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
    answer(observer, ServerReadyResponse.newBuilder().setReady(slot.isReady()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
    try {
      boolean ready = inferences.isReady(request.getName(), request.getVersion());
      answer(observer, ModelReadyResponse.newBuilder().setReady(ready).build());
    } catch (Refusal e) {
      observer.onError(Statuses.of(e));
    }
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
    answer(
        observer,
        ServerMetadataResponse.newBuilder()
            .setName("mlo")
            .setVersion(runnerVersion)
            .addAllExtensions(ModelFacts.EXTENSIONS)
            .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
    try {
      answer(observer, metadata(inferences.facts(request.getName(), request.getVersion())));
    } catch (Refusal e) {
      observer.onError(Statuses.of(e));
    }
  }

  private static ModelMetadataResponse metadata(ModelFacts facts) {
    var reply =
        ModelMetadataResponse.newBuilder()
            .setName(facts.serving().model())
            .addAllVersions(facts.versions())
            .setPlatform(facts.platform())
            .putAllProperties(facts.properties());
    facts.signature().inputs().forEach(spec -> reply.addInputs(tensor(spec)));
    facts.signature().outputs().forEach(spec -> reply.addOutputs(tensor(spec)));
    return reply.build();
  }

  private static ModelMetadataResponse.TensorMetadata tensor(TensorSpec spec) {
    return ModelMetadataResponse.TensorMetadata.newBuilder()
        .setName(spec.name())
        .setDatatype(spec.datatype().name())
        .addAllShape(spec.shape().dimensions())
        .build();
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
    answer(observer, Extensions.index(inferences.loaded()));
  }

  @Override
  public void modelStatistics(
      ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
    try {
      var counted = inferences.statistics(request.getName(), request.getVersion());
      answer(observer, Extensions.statistics(counted));
    } catch (Refusal e) {
      observer.onError(Statuses.of(e));
    }
  }

  @Override
  public void modelConfig(
      ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
    try {
      var facts = inferences.facts(request.getName(), request.getVersion());
      answer(observer, Extensions.configuration(facts));
    } catch (Refusal e) {
      observer.onError(Statuses.of(e));
    }
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
    var call = (ServerCallStreamObserver<ModelInferResponse>) observer;
    var conversation = new GrpcConversation(request, call);
    try {
      var target = inferences.target(request.getModelName(), request.getModelVersion());
      Inferences.Ticket ticket =
          inferences.answer(target, conversation, request.getSerializedSize());
      call.setOnCancelHandler(ticket::withdraw);
    } catch (Refusal e) {
      conversation.refuse(e);
    }
  }

  private static <T> void answer(StreamObserver<T> observer, T reply) {
    observer.onNext(reply);
    observer.onCompleted();
  }
}
