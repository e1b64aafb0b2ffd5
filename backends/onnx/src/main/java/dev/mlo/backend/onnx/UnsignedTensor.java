package dev.mlo.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;

/// Tensors of unsigned 16, 32 and 64 bit integers. ONNX Runtime has them and its Java library can
/// read them, but its public factories make only those types that Java has; the factory below them
/// takes any. It is reached by method handles, looked up once and checked by the tests.
final class UnsignedTensor {
  private final MethodHandle create;
  private final MethodHandle construct;
  private final MethodHandle info;
  private final long api;
  private final long allocator;

  private UnsignedTensor(
      MethodHandle create, MethodHandle construct, MethodHandle info, long api, long allocator) {
    this.create = create;
    this.construct = construct;
    this.info = info;
    this.api = api;
    this.allocator = allocator;
  }

  /// @throws ReflectiveOperationException when this ONNX Runtime is made differently
  static UnsignedTensor of(OrtEnvironment environment) throws ReflectiveOperationException {
    MethodHandles.Lookup lookup =
        MethodHandles.privateLookupIn(OnnxTensor.class, MethodHandles.lookup());
    Class<?> runtime = lookup.findClass("ai.onnxruntime.OnnxRuntime");
    MethodHandle create =
        lookup.findStatic(
            OnnxTensor.class,
            "createTensorFromBuffer",
            MethodType.methodType(
                long.class,
                long.class,
                long.class,
                Buffer.class,
                int.class,
                long.class,
                long[].class,
                int.class));
    MethodHandle construct =
        lookup.findConstructor(
            OnnxTensor.class,
            MethodType.methodType(
                void.class, long.class, long.class, TensorInfo.class, Buffer.class, boolean.class));
    MethodHandle info =
        lookup.findConstructor(
            TensorInfo.class,
            MethodType.methodType(
                void.class, long[].class, OnnxJavaType.class, OnnxTensorType.class));
    try {
      long api = (long) lookup.findStaticGetter(runtime, "ortApiHandle", long.class).invoke();
      Class<?> allocators = lookup.findClass("ai.onnxruntime.OrtAllocator");
      Object allocator =
          lookup
              .findGetter(OrtEnvironment.class, "defaultAllocator", allocators)
              .invoke(environment);
      long handle = (long) lookup.findGetter(allocators, "handle", long.class).invoke(allocator);
      return new UnsignedTensor(create, construct, info, api, handle);
    } catch (ReflectiveOperationException e) {
      throw e;
    } catch (Throwable e) {
      throw new ReflectiveOperationException(e);
    }
  }

  /// @param data direct and in native order; kept alive by the tensor
  OnnxTensor create(ByteBuffer data, long[] shape, OnnxTensorType type) throws OrtException {
    try {
      long handle =
          (long)
              create.invokeExact(
                  api, allocator, (Buffer) data, 0, (long) data.limit(), shape, type.value);
      TensorInfo about =
          (TensorInfo) info.invokeExact(shape, OnnxJavaType.mapFromOnnxTensorType(type), type);
      return (OnnxTensor) construct.invokeExact(handle, allocator, about, (Buffer) data, true);
    } catch (OrtException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
