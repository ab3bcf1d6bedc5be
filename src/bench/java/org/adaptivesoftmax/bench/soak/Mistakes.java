package org.adaptivesoftmax.bench.soak;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.savedmodel.SignatureKeys;
import org.adaptivesoftmax.savedmodel.TensorNames;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.error.Code;

/**
 * Requests that have no answer, or that one row of has none: each gets the error that is documented for it, and its neighbours
 * their answers.
 */
final class Mistakes implements Activity {
  private final ModelServerClient model;
  private final ModelServerClient layer;
  private final int inFeatures;
  private final Texts texts;
  private final Tally tally;

  /**
   * @param model a language model in this process
   * @param layer an output layer, however it is asked
   */
  Mistakes(ModelServerClient model, ModelServerClient layer, Texts texts, Tally tally) {
    this.model = model;
    this.layer = layer;
    this.texts = texts;
    this.tally = tally;
    Shape shape =
        layer
            .metadata()
            .signatures()
            .get(SignatureKeys.DEFAULT)
            .inputs()
            .get(TensorNames.INPUTS)
            .shape();
    this.inFeatures = Math.toIntExact(shape.get(1));
  }

  @Override
  public void once(Random random) throws InterruptedException {
    switch (random.nextInt(4)) {
      case 0 -> nullText(random);
      case 1 -> tooLong(random);
      case 2 -> noSuchInput();
      default -> nan(random);
    }
    Thread.sleep(20);
  }

  private void nullText(Random random) {
    List<String> some = Arrays.asList(texts.text(random, 3), null);
    try {
      model.languageModel().complete(some);
      tally.wrong("a null text was answered");
    } catch (IllegalArgumentException e) {
      expect("null text", "texts[1] must not be null".equals(e.getMessage()), e);
    }
  }

  private void tooLong(Random random) {
    if (random.nextInt(20) > 0) {
      return;
    }
    try {
      Asking.ask(model, List.of(texts.text(random, Texts.LONGEST + 1)));
      tally.wrong("a text of too many words was answered");
    } catch (ModelServerException e) {
      expect("text of too many words", e.code() == Code.INVALID_ARGUMENT, e);
    }
  }

  private void noSuchInput() {
    try {
      model.predict(SignatureKeys.DEFAULT, Map.of("texts", NdArrays.vectorOfObjects("a")));
      tally.wrong("an input that is none was answered");
    } catch (ModelServerException e) {
      expect("no such input", e.code() == Code.INVALID_ARGUMENT, e);
    }
  }

  private void nan(Random random) {
    int rows = 1 + random.nextInt(5);
    int bad = random.nextInt(rows);
    FloatNdArray inputs = NdArrays.ofFloats(Shape.of(rows, inFeatures));
    inputs.scalars().forEach(value -> value.setFloat((float) random.nextGaussian()));
    inputs.setFloat(Float.NaN, bad, random.nextInt(inFeatures));
    Prediction prediction =
        layer.predict(SignatureKeys.DEFAULT, Map.of(TensorNames.INPUTS, inputs));
    for (int row = 0; row < rows; row++) {
      boolean answered = prediction.longs(TensorNames.CLASSES).getLong(row, 0) >= 0;
      boolean finite = Float.isFinite(prediction.floats(TensorNames.LOG_PROBS).getFloat(row, 0));
      if (answered == (row == bad) || finite == (row == bad)) {
        tally.wrong("row %s of %s, NaN in row %s: %s".formatted(row, rows, bad, prediction));
      }
    }
    tally.failed("row with NaN");
  }

  private void expect(String mistake, boolean asDocumented, RuntimeException failure) {
    if (asDocumented) {
      tally.failed(mistake);
    } else {
      tally.wrong(mistake + ": " + failure);
    }
  }
}
