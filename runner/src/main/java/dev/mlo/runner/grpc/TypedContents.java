package dev.mlo.runner.grpc;

import dev.mlo.contract.DataType;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import inference.InferTensorContents;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Tensors whose elements come as fields of their datatype, not as raw bytes.
final class TypedContents {
  private TypedContents() {}

  /// @param field what a message calls the tensor: `inputs[0]`
  /// @throws MalformedException when elements are in another datatype's field, are not as many as
  ///   the shape says, or are out of the datatype's range
  static Tensor read(
      String field, String name, DataType datatype, Shape shape, InferTensorContents contents)
      throws MalformedException {
    int count = count(datatype, contents, field);
    if (count != total(contents)) {
      throw new MalformedException(
          "`%s.contents` has elements of another datatype than %s".formatted(field, datatype));
    }
    if (count != shape.elements()) {
      throw new MalformedException(
          "`%s.contents` has %d elements; shape %s says %d"
              .formatted(field, count, shape, shape.elements()));
    }
    if (datatype == DataType.BYTES) {
      return new Tensor.Strings(
          name,
          shape,
          contents.getBytesContentsList().stream().map(bytes -> bytes.toByteArray()).toList());
    }
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(count, datatype.width()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      put(data, datatype, contents, i, field);
    }
    return new Tensor.Numbers(name, datatype, shape, data.flip());
  }

  private static int count(DataType datatype, InferTensorContents contents, String field)
      throws MalformedException {
    return switch (datatype) {
      case BOOL -> contents.getBoolContentsCount();
      case INT8, INT16, INT32 -> contents.getIntContentsCount();
      case INT64 -> contents.getInt64ContentsCount();
      case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
      case UINT64 -> contents.getUint64ContentsCount();
      case FP32 -> contents.getFp32ContentsCount();
      case FP64 -> contents.getFp64ContentsCount();
      case BYTES -> contents.getBytesContentsCount();
      case FP16 ->
          throw new MalformedException(
              "`" + field + "` is FP16, which has no contents; send it in raw_input_contents");
    };
  }

  private static int total(InferTensorContents contents) {
    return contents.getBoolContentsCount()
        + contents.getIntContentsCount()
        + contents.getInt64ContentsCount()
        + contents.getUintContentsCount()
        + contents.getUint64ContentsCount()
        + contents.getFp32ContentsCount()
        + contents.getFp64ContentsCount()
        + contents.getBytesContentsCount();
  }

  private static void put(
      ByteBuffer data, DataType datatype, InferTensorContents contents, int i, String field)
      throws MalformedException {
    switch (datatype) {
      case BOOL -> data.put((byte) (contents.getBoolContents(i) ? 1 : 0));
      case INT8 ->
          data.put((byte) within(contents.getIntContents(i), -128, 127, field, i, datatype));
      case INT16 ->
          data.putShort(
              (short) within(contents.getIntContents(i), -32_768, 32_767, field, i, datatype));
      case INT32 -> data.putInt(contents.getIntContents(i));
      case INT64 -> data.putLong(contents.getInt64Contents(i));
      case UINT8 -> data.put((byte) within(unsigned(contents, i), 0, 0xff, field, i, datatype));
      case UINT16 ->
          data.putShort((short) within(unsigned(contents, i), 0, 0xffff, field, i, datatype));
      case UINT32 -> data.putInt(contents.getUintContents(i));
      case UINT64 -> data.putLong(contents.getUint64Contents(i));
      case FP32 -> data.putFloat(contents.getFp32Contents(i));
      case FP64 -> data.putDouble(contents.getFp64Contents(i));
      case FP16, BYTES -> throw new IllegalStateException(datatype + " has no numbers here");
    }
  }

  private static long unsigned(InferTensorContents contents, int i) {
    return contents.getUintContents(i) & 0xffffffffL;
  }

  private static long within(long value, long min, long max, String field, int i, DataType type)
      throws MalformedException {
    if (value < min || value > max) {
      throw new MalformedException(
          "`%s.contents[%d]` is %d, which is not an integer within %d and %d (%s)"
              .formatted(field, i, value, min, max, type));
    }
    return value;
  }

  /// Whether all of these can be written as fields.
  static boolean canHold(List<Tensor> tensors) {
    return tensors.stream().noneMatch(tensor -> tensor.datatype() == DataType.FP16);
  }

  static InferTensorContents write(Tensor tensor) {
    var contents = InferTensorContents.newBuilder();
    switch (tensor) {
      case Tensor.Strings strings ->
          strings
              .elements()
              .forEach(bytes ->
                  contents.addBytesContents(
                      com.google.protobuf.UnsafeByteOperations.unsafeWrap(bytes)));
      case Tensor.Numbers numbers -> {
        ByteBuffer data = numbers.data();
        while (data.hasRemaining()) {
          add(contents, numbers.datatype(), data);
        }
      }
    }
    return contents.build();
  }

  private static void add(
      InferTensorContents.Builder contents, DataType datatype, ByteBuffer data) {
    switch (datatype) {
      case BOOL -> contents.addBoolContents(data.get() != 0);
      case INT8 -> contents.addIntContents(data.get());
      case INT16 -> contents.addIntContents(data.getShort());
      case INT32 -> contents.addIntContents(data.getInt());
      case INT64 -> contents.addInt64Contents(data.getLong());
      case UINT8 -> contents.addUintContents(data.get() & 0xff);
      case UINT16 -> contents.addUintContents(data.getShort() & 0xffff);
      case UINT32 -> contents.addUintContents(data.getInt());
      case UINT64 -> contents.addUint64Contents(data.getLong());
      case FP32 -> contents.addFp32Contents(data.getFloat());
      case FP64 -> contents.addFp64Contents(data.getDouble());
      case FP16, BYTES -> throw new IllegalStateException(datatype + " has no field of numbers");
    }
  }
}
