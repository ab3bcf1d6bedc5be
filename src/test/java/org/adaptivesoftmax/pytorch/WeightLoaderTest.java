package org.adaptivesoftmax.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

class WeightLoaderTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 1000})
  void fillsMatricesAndVectorsInChunks(int chunkValues) throws IOException {
    SafetensorsBytes bytes =
        new SafetensorsBytes().counting("x.weight", 5, 2).counting("x.bias", 3);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        Safetensors file = Safetensors.open(bytes.write(directory.resolve("w")))) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> weight = tf.variable(Shape.of(5, 2), TFloat32.class);
      Variable<TFloat32> bias = tf.variable(Shape.of(3), TFloat32.class);
      new WeightLoader(session, file, chunkValues)
          .load(
              Map.of("weight", file.tensor("x.weight"), "bias", file.tensor("x.bias")),
              Map.of("weight", weight, "bias", bias));
      try (Result values = session.runner().fetch(weight).fetch(bias).run()) {
        assertThat(StdArrays.array2dCopyOf((TFloat32) values.get(0)))
            .isDeepEqualTo(new float[][] {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}});
        assertThat(StdArrays.array1dCopyOf((TFloat32) values.get(1))).containsExactly(0, 1, 2);
      }
    }
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    SafetensorsBytes bytes = new SafetensorsBytes().counting("w", 5, 2);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        Safetensors file = Safetensors.open(bytes.write(directory.resolve("w")))) {
      Variable<TFloat32> variable =
          Ops.create(graph).withName("v").variable(Shape.of(2, 5), TFloat32.class);
      WeightLoader loader = new WeightLoader(session, file);
      assertThatThrownBy(() -> loader.load(Map.of("a", file.tensor("w")), Map.of("a", variable)))
          .hasMessage(file.file() + ": tensor w: shape [5, 2] does not fit variable v [2, 5]");
      assertThatThrownBy(() -> loader.load(Map.of("a", file.tensor("w")), Map.of("b", variable)))
          .hasMessage(file.file() + ": tensors [a] do not match variables [b]");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void refusesValuesThatAreNotFinite(SafetensorsType type) throws IOException {
    float[] values = {0, 1, 2, Float.NEGATIVE_INFINITY, 4, 5};
    SafetensorsBytes bytes = new SafetensorsBytes().tensor("w", type, values, 3, 2);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        Safetensors file = Safetensors.open(bytes.write(directory.resolve("w")))) {
      Variable<TFloat32> variable = Ops.create(graph).variable(Shape.of(3, 2), TFloat32.class);
      assertThatThrownBy(
              () ->
                  new WeightLoader(session, file, 2)
                      .load(Map.of("a", file.tensor("w")), Map.of("a", variable)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(file.file() + ": tensor w: row 1 holds -Infinity as float32");
    }
  }
}
