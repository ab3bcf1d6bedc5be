package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.EncoderGolden;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.Labels;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;

/**
 * A classifier on {@link EncoderGolden}'s encoder with a random head. And the head in plain Java, in float64.
 *
 * @param pretrained the encoder
 * @param labels no, perhaps, yes
 * @param head [classes · width]
 */
@SuppressWarnings("ArrayRecordComponent") // Read, never compared.
public record TinyEncoderClassifier(PretrainedEncoder pretrained, Labels labels, double[] head) {
  static final int CLASSES = 3;
  private static final int WIDTH = 24;

  /** Writes the labels' examples into a directory. */
  public static TinyEncoderClassifier create(Path directory) throws IOException {
    Path examples =
        Files.writeString(directory.resolve("examples.tsv"), "no\ta\nperhaps\tb\nyes\tc\n");
    return new TinyEncoderClassifier(
        PretrainedEncoder.read(EncoderGolden.directory()),
        Labels.of(LabelledCorpus.ofFile(examples)),
        new Random(2).doubles(WIDTH * CLASSES, -1, 1).toArray());
  }

  EncoderClassifierConfiguration configuration(int maxLength) {
    return EncoderClassifierConfiguration.builder(pretrained.configuration())
        .classes(CLASSES)
        .maxLength(maxLength)
        .build();
  }

  /**
   * Exports it.
   *
   * @param directory for the weights, and for the model, as {@code model}
   * @param k classes of an answer
   * @return the version
   */
  public Path export(Path directory, int maxLength, int k) throws IOException {
    Path weights = directory.resolve("weights");
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      EncoderClassifier model = EncoderClassifier.create(tf, configuration(maxLength));
      float[][] values = new float[CLASSES][WIDTH];
      for (int i = 0; i < head.length; i++) {
        values[i / WIDTH][i % WIDTH] = (float) head[i];
      }
      session.initialize();
      pretrained.load(session, model.encoder());
      session.run(
          tf.assign(model.outputVariables().get(0), tf.constant(StdArrays.ndCopyOf(values))));
      session.save(weights.toString());
    }
    return EncoderClassifierExporter.builder(
            configuration(maxLength), pretrained.tokenizer(), labels)
        .topK(k)
        .build()
        .publish(new ModelDirectory(directory.resolve("model")), weights);
  }

  /** The log-probability of each class, of the mean state of a text's tokens. */
  public double[] logProbs(double[] mean) {
    double[] logits = new double[CLASSES];
    for (int i = 0; i < head.length; i++) {
      logits[i / WIDTH] += head[i] * mean[i % WIDTH];
    }
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    return Arrays.stream(logits).map(logit -> logit - Math.log(sum)).toArray();
  }

  /** The classes from the most probable to the least. */
  public static List<Integer> best(double[] logProbs) {
    return IntStream.range(0, CLASSES)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -logProbs[i]))
        .toList();
  }
}
