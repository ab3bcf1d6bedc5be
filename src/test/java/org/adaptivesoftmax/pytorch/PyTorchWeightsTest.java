package org.adaptivesoftmax.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PyTorchWeightsTest {
  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "F64"})
  void infersThePlanFromTheShapes(SafetensorsType type) throws IOException {
    PyTorchWeights weights = find(module("model.softmax.", type));
    assertThat(weights.prefix()).isEqualTo("model.softmax.");
    assertThat(weights.headBias()).isTrue();
    assertThat(weights.plan()).isEqualTo(ClusterPlan.of(16, 14, 3, 7));
    assertThat(weights.tensors().keySet())
        .containsExactly(
            "head.weight",
            "head.bias",
            "tail.0.0.weight",
            "tail.0.1.weight",
            "tail.1.0.weight",
            "tail.1.1.weight");
  }

  @Test
  void ignoresOtherTensorsAndOtherHeads() throws IOException {
    PyTorchWeights weights =
        find(
            module("", SafetensorsType.F32)
                .counting("vit.head.weight", 5, 16)
                .counting("embedding.weight", SafetensorsType.F16, 4, 4)
                .counting("ids", SafetensorsType.I64, 3));
    assertThat(weights.prefix()).isEmpty();
    assertThat(weights.plan().nClasses()).isEqualTo(14);
  }

  /** Persian writes %d with digits of its own. */
  @Test
  void namesAreTheSameInEveryLanguage() throws IOException {
    Path written = directory.resolve("written");
    module("", SafetensorsType.F32).write(written);
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("fa"));
    try (Safetensors file = Safetensors.open(written)) {
      assertThat(PyTorchWeights.find(file).plan()).isEqualTo(ClusterPlan.of(16, 14, 3, 7));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void headWithoutBias() throws IOException {
    PyTorchWeights weights =
        find(
            new SafetensorsBytes()
                .counting("head.weight", 6, 10)
                .counting("tail.0.0.weight", 3, 10)
                .counting("tail.0.1.weight", 1, 3));
    assertThat(weights.headBias()).isFalse();
    assertThat(weights.plan()).isEqualTo(new ClusterPlan(10, 6, List.of(5), 3));
  }

  private static SafetensorsBytes module(String prefix, SafetensorsType type) {
    return new SafetensorsBytes()
        .counting(prefix + "tail.1.1.weight", type, 7, 1)
        .counting(prefix + "tail.1.0.weight", type, 1, 16)
        .counting(prefix + "head.bias", type, 5)
        .counting(prefix + "tail.0.0.weight", type, 4, 16)
        .counting(prefix + "tail.0.1.weight", type, 4, 4)
        .counting(prefix + "head.weight", type, 5, 16);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        broken(
            new SafetensorsBytes().counting("weight", 2, 2),
            "no adaptive softmax: none of the 1 tensors is named head.weight or tail.0.0.weight, with any prefix"),
        broken(
            new SafetensorsBytes().counting("a.head.weight", 2, 2),
            "tensor tail.0.0.weight is missing beside head.weight with the prefix \"a.\""),
        broken(
            new SafetensorsBytes().counting("a.tail.0.1.weight", 2, 2),
            "tensor head.weight is missing beside tail clusters with the prefix \"a.\""),
        broken(
            module("a.", SafetensorsType.F32)
                .counting("b.c.head.weight", 3, 4)
                .counting("b.c.tail.0.0.weight", 1, 4),
            "more than one adaptive softmax, with the prefixes \"a.\", \"b.c.\""),
        broken(
            tails(3, 4).counting("tail.0.0.weight", 1, 4),
            "tensor tail.0.1.weight is missing; the last tail cluster is tail.0"),
        broken(
            module("m.", SafetensorsType.F32).counting("m.tail.999999999.0.weight", 1, 4),
            "tensor m.tail.2.0.weight is missing; the last tail cluster is tail.999999999"),
        broken(
            module("m.", SafetensorsType.F32).counting("m.tail.0.1.bias", 4),
            "tensor m.tail.0.1.bias is no part of AdaptiveLogSoftmaxWithLoss"),
        broken(
            module("m.", SafetensorsType.F32).counting("m.head.weight_scale", 4),
            "tensor m.head.weight_scale is no part of AdaptiveLogSoftmaxWithLoss"),
        broken(
            module("", SafetensorsType.I8),
            "tensor head.weight: dtype must be F32, F16, BF16 or F64: I8"),
        broken(
            tails(3, 4)
                .counting("tail.0.0.weight", SafetensorsType.F16, 1, 4)
                .counting("tail.0.1.weight", 2, 1),
            "tensors must have one dtype: head.weight is F32, tail.0.0.weight is F16"),
        broken(
            tails(12).counting("tail.0.0.weight", 1, 4).counting("tail.0.1.weight", 2, 1),
            "tensor head.weight: shape must have 2 dimensions: [12]"),
        broken(
            tails(3, 0).counting("tail.0.0.weight", 1, 4).counting("tail.0.1.weight", 2, 1),
            "tensor head.weight: dimension 1 of shape [3, 0] must be in 1..2147483647"),
        broken(
            tails(1, 4).counting("tail.0.0.weight", 1, 4).counting("tail.0.1.weight", 2, 1),
            "tensor head.weight: shape [1, 4] leaves no shortlist beside 1 tail clusters"),
        broken(
            tails(3, 4).counting("tail.0.0.weight", 1, 5).counting("tail.0.1.weight", 2, 1),
            "tensor tail.0.0.weight: shape must be [1, 4]: [1, 5]"),
        broken(
            tails(3, 4).counting("tail.0.0.weight", 1, 4).counting("tail.0.1.weight", 2, 2),
            "tensor tail.0.1.weight: shape must be [2, 1]: [2, 2]"),
        broken(
            tails(3, 4).counting("tail.0.0.weight", 1, 4).counting("tail.0.1.weight", 2),
            "tensor tail.0.1.weight: shape must have 2 dimensions: [2]"),
        broken(
            tails(3, 4).counting("tail.0.0.weight", 1, 4).counting("tail.0.1.weight", 0, 1),
            "tensor tail.0.1.weight: dimension 0 of shape [0, 1] must be in 1..2147483647"),
        broken(
            tails(3, 4)
                .counting("head.bias", 2)
                .counting("tail.0.0.weight", 1, 4)
                .counting("tail.0.1.weight", 2, 1),
            "tensor head.bias: shape must be [3]: [2]"),
        broken(
            tails(4, 16)
                .counting("tail.0.0.weight", 4, 16)
                .counting("tail.0.1.weight", 2, 4)
                .counting("tail.1.0.weight", 4, 16)
                .counting("tail.1.1.weight", 2, 4),
            "no divValue gives the tail clusters' widths [4, 4] from inFeatures 16"));
  }

  private static SafetensorsBytes tails(long... headShape) {
    return new SafetensorsBytes().counting("head.weight", headShape);
  }

  private static Arguments broken(SafetensorsBytes file, String message) {
    return Arguments.of(message, file);
  }

  @ParameterizedTest
  @MethodSource
  void broken(String message, SafetensorsBytes file) {
    assertThatThrownBy(() -> find(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(directory.resolve("module") + ": " + message);
  }

  private PyTorchWeights find(SafetensorsBytes bytes) throws IOException {
    try (Safetensors file = Safetensors.open(bytes.write(directory.resolve("module")))) {
      return PyTorchWeights.find(file);
    }
  }

  @Property
  void findsADivValueForTheWidthsOfAnyPlan(
      @ForAll @IntRange(min = 1, max = 20_000) int inFeatures,
      @ForAll @IntRange(min = 1, max = 5) int nTails,
      @ForAll @DoubleRange(min = 0.5, max = 12) double divValue) {
    Assume.that(inFeatures / Math.pow(divValue, nTails) >= 1.001);
    List<Integer> widths = widths(inFeatures, nTails, divValue);
    assertThat(widths(inFeatures, nTails, DivValueSearch.find(inFeatures, widths)))
        .isEqualTo(widths);
  }

  @Test
  void prefersTheSimplestDivValue() {
    assertThat(DivValueSearch.find(512, List.of(128, 32, 8))).isEqualTo(4);
    assertThat(DivValueSearch.find(6, List.of(1))).isEqualTo(4);
    assertThat(DivValueSearch.find(512, List.of(256, 128))).isEqualTo(2);
    assertThat(DivValueSearch.find(1000, List.of(100, 10, 1))).isEqualTo(10);
    assertThat(DivValueSearch.find(100, List.of(40, 16, 6))).isEqualTo(2.5);
    assertThat(DivValueSearch.find(64, List.of(64, 64))).isEqualTo(1);
    assertThat(DivValueSearch.find(64, List.of(128))).isEqualTo(0.5);
    assertThat(DivValueSearch.find(1000, List.of(769))).isBetween(1.298, 1.301);
  }

  private static List<Integer> widths(int inFeatures, int nTails, double divValue) {
    List<Integer> cutoffs = IntStream.rangeClosed(1, nTails).boxed().toList();
    ClusterPlan plan = new ClusterPlan(inFeatures, nTails + 1, cutoffs, divValue);
    return IntStream.range(0, nTails).mapToObj(plan::tailWidth).toList();
  }
}
