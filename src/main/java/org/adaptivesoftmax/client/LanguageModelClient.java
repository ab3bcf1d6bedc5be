package org.adaptivesoftmax.client;

import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.TextScore;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.tensors.Answers;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

/**
 * The calls of an exported language model. Each text begins anew.
 *
 * <p>All throw {@link ModelServerException} if the model does not answer.
 */
public final class LanguageModelClient {
  private final ModelServerClient client;

  LanguageModelClient(ModelServerClient client) {
    this.client = client;
  }

  /**
   * The most probable next words.
   *
   * @param texts any number of texts, asked for together
   * @return for each text the exact top k, best first; k is the exported one
   */
  public List<List<NextWord>> complete(List<String> texts) {
    return Portions.ask(texts, client.maxBatch(), this::completeTogether);
  }

  private List<List<NextWord>> completeTogether(List<String> texts) {
    Prediction next =
        client
            .predict(SignatureKeys.DEFAULT, Map.of(TensorNames.TEXT, vector(texts)))
            .requireAlike(2, TensorNames.WORDS, TensorNames.LOG_PROBS);
    NdArray<String> words = next.strings(TensorNames.WORDS);
    FloatNdArray logProbs = next.floats(TensorNames.LOG_PROBS);
    return Answers.lists(
        words, (row, i) -> new NextWord(words.getObject(row, i), logProbs.getFloat(row, i)));
  }

  /**
   * How probable texts are, each as the beginning of a sentence.
   *
   * @param texts any number of texts, asked for together
   * @return a score for each text
   */
  public List<TextScore> score(List<String> texts) {
    return Portions.ask(texts, client.maxBatch(), this::scoreTogether);
  }

  private List<TextScore> scoreTogether(List<String> texts) {
    Prediction scores =
        client
            .predict(SignatureKeys.SCORE, Map.of(TensorNames.TEXT, vector(texts)))
            .requireAlike(1, TensorNames.LOG_PROBS, TensorNames.WORDS);
    FloatNdArray logProbs = scores.floats(TensorNames.LOG_PROBS);
    LongNdArray words = scores.longs(TensorNames.WORDS);
    return Answers.list(logProbs, row -> new TextScore(logProbs.getFloat(row), words.getLong(row)));
  }

  /**
   * Draws one next word for each text by chance, exactly with probability proportional to p<sup>1/τ</sup>. To continue a
   * text, append the word and ask again with another seed.
   *
   * @param draws any number of them, asked for together
   * @return a word for each, with the model's log p whatever the temperature
   */
  public List<NextWord> sample(List<WordDraw> draws) {
    return Portions.ask(draws, client.maxBatch(), this::sampleTogether);
  }

  private List<NextWord> sampleTogether(List<WordDraw> draws) {
    Prediction drawn =
        client
            .predict(
                SignatureKeys.SAMPLE,
                Map.of(
                    TensorNames.TEXT,
                    vector(draws.stream().map(WordDraw::text).toList()),
                    TensorNames.SEED,
                    NdArrays.vectorOf(draws.stream().mapToLong(WordDraw::seed).toArray()),
                    TensorNames.TEMPERATURE,
                    temperatures(draws)))
            .requireAlike(1, TensorNames.LOG_PROBS, TensorNames.WORDS);
    NdArray<String> words = drawn.strings(TensorNames.WORDS);
    FloatNdArray logProbs = drawn.floats(TensorNames.LOG_PROBS);
    return Answers.list(
        logProbs, row -> new NextWord(words.getObject(row), logProbs.getFloat(row)));
  }

  private static FloatNdArray temperatures(List<WordDraw> draws) {
    float[] values = new float[draws.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = draws.get(i).temperature();
    }
    return NdArrays.vectorOf(values);
  }

  /**
   * @throws IllegalArgumentException if a text is null
   */
  static void requireTexts(List<String> texts) {
    for (int i = 0; i < texts.size(); i++) {
      Require.argument(texts.get(i) != null, "texts[%d] must not be null", i);
    }
  }

  static NdArray<String> vector(List<String> texts) {
    requireTexts(texts);
    return NdArrays.vectorOfObjects(texts.toArray(String[]::new));
  }
}
