package org.adaptivesoftmax.internal.tensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

class TensorsTest {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  @Property(tries = 200)
  void messagesKeepEveryValue(
      @ForAll @Size(6) List<Float> floats,
      @ForAll @Size(6) List<Long> longs,
      @ForAll @Size(6) List<String> texts,
      @ForAll @IntRange(min = 1, max = 3) int rows) {
    Shape shape = rows == 1 ? Shape.of(6) : Shape.of(rows, 6 / rows);
    float[] singles = new float[6];
    for (int i = 0; i < 6; i++) {
      singles[i] = floats.get(i);
    }
    assertKept(NdArrays.wrap(shape, DataBuffers.of(singles)));
    assertKept(
        NdArrays.wrap(
            shape, DataBuffers.of(floats.stream().mapToDouble(Float::doubleValue).toArray())));
    assertKept(
        NdArrays.wrap(shape, DataBuffers.of(longs.stream().mapToLong(Long::longValue).toArray())));
    assertKept(
        NdArrays.wrap(shape, DataBuffers.of(longs.stream().mapToInt(Long::intValue).toArray())));
    List<String> valid = texts.stream().map(TensorsTest::withoutHalfCharacters).toList();
    assertKept(NdArrays.wrap(shape, DataBuffers.ofObjects(valid.toArray(String[]::new))));
    boolean[] flags = new boolean[6];
    for (int i = 0; i < 6; i++) {
      flags[i] = longs.get(i) > 0;
    }
    assertKept(NdArrays.wrap(shape, DataBuffers.of(flags)));
  }

  private static String withoutHalfCharacters(String text) {
    return text.replaceAll("\\p{Cs}", "?");
  }

  private static void assertKept(NdArray<?> array) {
    NdArray<?> decoded = ProtoTensors.decode(ProtoTensors.encode(array));
    assertThat(decoded).isEqualTo(array);
    assertThat(TensorType.of(decoded)).isEqualTo(TensorType.of(array));
  }

  @Property(tries = 200)
  void jsonKeepsEveryFiniteValue(
      @ForAll @Size(6) List<Float> floats,
      @ForAll @Size(3) List<Long> longs,
      @ForAll @Size(3) List<String> texts)
      throws IOException {
    float[][] rows = new float[3][2];
    for (int i = 0; i < 6; i++) {
      rows[i / 2][i % 2] = floats.get(i);
    }
    Map<String, NdArray<?>> inputs =
        Map.of(
            "inputs",
            StdArrays.ndCopyOf(rows),
            "targets",
            NdArrays.vectorOf(longs.stream().mapToLong(Long::longValue).toArray()),
            "text",
            NdArrays.vectorOfObjects(texts.toArray(String[]::new)));
    JsonNode instances = JSON.readTree(JSON.writeValueAsString(JsonTensors.instances(inputs, 3)));
    inputs.forEach(
        (name, input) ->
            assertThat(
                    JsonTensors.decode(
                        StreamSupport.stream(instances.spliterator(), false)
                            .map(instance -> instance.get(name))
                            .toList()))
                .as(name)
                .isEqualTo(input));
  }

  @Test
  void jsonNumbersAreFloatsIfOneHasAFraction() throws IOException {
    assertThat(decode("[1, 2]")).isEqualTo(NdArrays.vectorOf(1L, 2));
    assertThat(decode("[1.0, 2]")).isEqualTo(NdArrays.vectorOf(1f, 2));
    assertThat(decode("[9e+06, -Infinity]"))
        .isEqualTo(NdArrays.vectorOf(9e6f, Float.NEGATIVE_INFINITY));
    assertThat(decode("[\"a\", {\"b64\": \"Yg==\"}]"))
        .isEqualTo(NdArrays.vectorOfObjects("a", "b"));
  }

  @Test
  void jsonRowsMustBeAlike() {
    assertThatThrownBy(() -> decode("[[1, 2], [3]]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows differ in shape");
    assertThatThrownBy(() -> decode("[1, [3]]")).hasMessage("rows differ in shape");
    assertThatThrownBy(() -> decode("[1, null]")).hasMessage("value is of no known type: 1");
  }

  @Test
  void aMessageOfFewBytesTellsHowManyItsValuesTake() {
    TensorProto zeros = message(1, 1 << 20);
    assertThat(zeros.getSerializedSize()).isLessThan(100);
    assertThat(ProtoTensors.bytes(zeros)).isEqualTo(4L << 20);
    assertThatThrownBy(() -> ProtoTensors.bytes(message(1, -2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("tensor must have a known shape");
    assertThatThrownBy(() -> ProtoTensors.decode(message(-3, -2)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static TensorProto message(long... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long size : sizes) {
      shape.addDimBuilder().setSize(size);
    }
    return TensorProto.newBuilder().setDtype(DataType.DT_FLOAT).setTensorShape(shape).build();
  }

  @Test
  void jsonHasNoInfinity() {
    assertThatThrownBy(
            () -> JsonTensors.instances(Map.of("inputs", NdArrays.vectorOf(1, Float.NaN)), 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("inputs must be finite for REST: NaN");
  }

  private static NdArray<?> decode(String rows) throws IOException {
    return JsonTensors.decode(
        StreamSupport.stream(JSON.readTree(rows).spliterator(), false).toList());
  }

  @Test
  void messagesMayListEqualLastValuesOnce() {
    TensorProto.Builder tensor = tensor(DataType.DT_FLOAT, 4);
    assertThat(ProtoTensors.decode(tensor.build())).isEqualTo(NdArrays.vectorOf(0f, 0, 0, 0));
    tensor.addFloatVal(1).addFloatVal(2);
    assertThat(ProtoTensors.decode(tensor.build())).isEqualTo(NdArrays.vectorOf(1f, 2, 2, 2));
    tensor.addFloatVal(3).addFloatVal(4).addFloatVal(5);
    assertThatThrownBy(() -> ProtoTensors.decode(tensor.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor of 4 values has 5");
  }

  /** A shape may claim anything; memory is taken only for values that are there. */
  @Test
  void aRepeatedStringIsHeldOnce() {
    int times = 1 << 20;
    TensorProto tensor =
        TensorProto.newBuilder()
            .setDtype(DataType.DT_STRING)
            .setTensorShape(
                TensorShapeProto.newBuilder()
                    .addDim(TensorShapeProto.Dim.newBuilder().setSize(times)))
            .addStringVal(ByteString.copyFromUtf8("x".repeat(1 << 20)))
            .build();
    assertThat(ProtoTensors.bytes(tensor)).isBetween(8L << 20, 20L << 20);
    NdArray<?> array = ProtoTensors.decode(tensor);
    assertThat(array.getObject(0)).isSameAs(array.getObject(times - 1));
  }

  @Test
  void jsonHasNoIntegerBeyondInt64() {
    JsonNode number = JsonNodeFactory.instance.numberNode(BigInteger.TEN.pow(30));
    assertThatThrownBy(() -> JsonTensors.decode(List.of(number)))
        .hasMessage("value must be an int64: 1000000000000000000000000000000");
  }

  @Test
  void messagesMustHoldTheirValues() {
    assertRefused(
        TensorProto.newBuilder()
            .setDtype(DataType.DT_FLOAT)
            .setTensorShape(TensorShapeProto.newBuilder().setUnknownRank(true)),
        "tensor must have a known shape: ");
    assertRefused(tensor(DataType.DT_FLOAT, -1), "tensor must have a known shape: [-1]");
    assertRefused(tensor(DataType.DT_INT64, 1 << 30), "tensor is too large: [1073741824]");
    assertRefused(tensor(DataType.DT_FLOAT, 1 << 28), "tensor of 268435456 values has 0");
    assertRefused(
        tensor(DataType.DT_STRING, 1 << 28).addStringVal(ByteString.copyFromUtf8("a")),
        "tensor of 268435456 values has 1");
    assertRefused(
        tensor(DataType.DT_FLOAT, 2).setTensorContent(ByteString.copyFromUtf8("1234")),
        "tensor [2] of DT_FLOAT has 4 bytes");
  }

  private static void assertRefused(TensorProto.Builder tensor, String message) {
    assertThatThrownBy(() -> ProtoTensors.decode(tensor.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void otherTypesAreRefused() {
    assertThatThrownBy(() -> ProtoTensors.decode(tensor(DataType.DT_HALF, 1).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor type is not supported: DT_HALF");
    assertThatThrownBy(() -> ProtoTensors.encode(NdArrays.vectorOf((byte) 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("tensor type is not supported: ");
  }

  private static TensorProto.Builder tensor(DataType type, int size) {
    return TensorProto.newBuilder()
        .setDtype(type)
        .setTensorShape(
            TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(size)));
  }
}
