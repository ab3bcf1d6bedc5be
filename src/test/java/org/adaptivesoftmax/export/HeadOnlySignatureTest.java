package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.adaptivesoftmax.savedmodel.VersionBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.ndarray.BooleanNdArray;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

class HeadOnlySignatureTest {
  private static final int ROWS = 300;

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "INT8"})
  void saysTruthfullyWhichRowsAreExact(TailWeights tailWeights) throws IOException {
    HeadFirstLayer layer = HeadFirstLayer.publish(directory, HeadFirstLayer.K, tailWeights);
    FloatNdArray rows = HeadFirstLayer.rows(ROWS);
    try (VersionBundle model = VersionBundle.load(layer.directory().highestVersion())) {
      Map<String, NdArray<?>> head =
          model.run(SignatureKeys.HEAD_ONLY, Map.of(TensorNames.INPUTS, rows));
      LongNdArray classes = (LongNdArray) head.get(TensorNames.CLASSES);
      FloatNdArray logProbs = (FloatNdArray) head.get(TensorNames.LOG_PROBS);
      BooleanNdArray exact = (BooleanNdArray) head.get(TensorNames.EXACT);
      int proven = 0;
      int wrong = 0;
      for (int row = 0; row < ROWS; row++) {
        List<Long> found = new ArrayList<>();
        double[] naive = layer.logProb(rows.get(row));
        for (int k = 0; k < HeadFirstLayer.K; k++) {
          found.add(classes.getLong(row, k));
          // Whatever may be missing, what is there has the model's own log-probability.
          assertThat((double) logProbs.getFloat(row, k))
              .isCloseTo(naive[(int) classes.getLong(row, k)], within(1e-3));
        }
        boolean best = found.equals(layer.best(rows.get(row)));
        assertThat(best || !exact.getBoolean(row)).as("row %s", row).isTrue();
        proven += exact.getBoolean(row) ? 1 : 0;
        wrong += best ? 0 : 1;
      }
      assertThat(proven).isGreaterThan(ROWS / 20);
      assertThat(wrong).isGreaterThan(ROWS / 20);
    }
  }

  /** A row that has no answer has none by either signature. */
  @Test
  void aBadRowIsProven() throws IOException {
    HeadFirstLayer layer = HeadFirstLayer.publish(directory, HeadFirstLayer.K, TailWeights.FLOAT32);
    FloatNdArray rows = HeadFirstLayer.rows(8);
    rows.setFloat(Float.NaN, 3, 0);
    try (VersionBundle model = VersionBundle.load(layer.directory().highestVersion())) {
      Map<String, NdArray<?>> head =
          model.run(SignatureKeys.HEAD_ONLY, Map.of(TensorNames.INPUTS, rows));
      assertThat(head.get(TensorNames.EXACT).getObject(3)).isEqualTo(true);
      assertThat(head.get(TensorNames.CLASSES).getObject(3, 0)).isEqualTo(-1L);
      assertThat(head.get(TensorNames.LOG_PROBS).getObject(3, 0)).isEqualTo(Float.NaN);
    }
  }

  @Test
  void aShortlistWithFewerClassesThanAnAnswerHasNoSuchSignature() throws IOException {
    HeadFirstLayer layer = HeadFirstLayer.publish(directory, 13, TailWeights.FLOAT32);
    try (VersionBundle model = VersionBundle.load(layer.directory().highestVersion())) {
      assertThat(model.signatures()).doesNotContainKey(SignatureKeys.HEAD_ONLY);
    }
  }

  @ParameterizedTest
  @EnumSource(Softmax.class)
  void aLanguageModelWithTailClustersHasIt(Softmax softmax) throws IOException {
    Path version = TinyLanguageModel.save(directory, softmax).export(directory).highestVersion();
    try (VersionBundle model = VersionBundle.load(version)) {
      if (softmax == Softmax.FULL) {
        assertThat(model.signatures()).doesNotContainKey(SignatureKeys.HEAD_ONLY);
        return;
      }
      Map<String, NdArray<?>> text =
          Map.of(
              TensorNames.TEXT,
              NdArrays.vectorOfObjects(TinyLanguageModel.SENTENCES.toArray(String[]::new)));
      Map<String, NdArray<?>> head = model.run(SignatureKeys.HEAD_ONLY, text);
      Map<String, NdArray<?>> full = model.run(SignatureKeys.DEFAULT, text);
      for (int row = 0; row < TinyLanguageModel.SENTENCES.size(); row++) {
        NdArray<?> words = head.get(TensorNames.WORDS).get(row);
        boolean same = words.equals(full.get(TensorNames.WORDS).get(row));
        boolean exact = (Boolean) head.get(TensorNames.EXACT).getObject(row);
        assertThat(same || !exact).as("row %s", row).isTrue();
      }
    }
  }
}
