package org.adaptivesoftmax.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.adaptivesoftmax.text.LabelledCorpus;

/** Texts of which most words say the label, and some say nothing. */
public final class TinyExamples {
  public static final int CLASSES = 6;

  private TinyExamples() {}

  /** As lines of {@code label<TAB>text}. */
  public static String lines(int count, long seed) {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int label = i % CLASSES;
      lines.append("class").append(label).append('\t');
      for (int words = 3 + random.nextInt(5); words > 0; words--) {
        int word = random.nextInt(3) > 0 ? CLASSES * random.nextInt(4) + label : 100;
        lines.append('w').append(word == 100 ? 100 + random.nextInt(20) : word).append(' ');
      }
      lines.append('\n');
    }
    return lines.toString();
  }

  /** Trains on 600, validates and tests on 120 each. */
  public static ClassifierData data(Path directory) throws IOException {
    return ClassifierData.read(
        file(directory, "train", 600, 1),
        file(directory, "validation", 120, 2),
        file(directory, "test", 120, 3),
        1000);
  }

  private static LabelledCorpus file(Path directory, String name, int count, long seed)
      throws IOException {
    return LabelledCorpus.ofFile(
        Files.writeString(directory.resolve(name + ".tsv"), lines(count, seed)));
  }

  /** Texts of the tiny encoder's words, of which one says the label: train of some size, validation and test of 60. */
  public static EncoderData.Corpora ofPieces(Path directory, int train) throws IOException {
    return new EncoderData.Corpora(
        pieces(directory, "pieces-train", train, 1),
        pieces(directory, "pieces-validation", 60, 2),
        pieces(directory, "pieces-test", 60, 3));
  }

  private static LabelledCorpus pieces(Path directory, String name, int count, long seed)
      throws IOException {
    return LabelledCorpus.ofFile(
        Files.writeString(directory.resolve(name + ".tsv"), linesOfPieces(count, seed)));
  }

  /** As lines of {@code label<TAB>text}. */
  public static String linesOfPieces(int count, long seed) {
    String[] words = {"hello", "fox", "word"};
    String[] others = {"a", "b", "c", "d", "e", "1", "2", ","};
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int label = i % words.length;
      lines.append(words[label]).append('\t').append(words[label]);
      for (int more = random.nextInt(12); more > 0; more--) {
        lines.append(' ').append(others[random.nextInt(others.length)]);
      }
      lines.append('\n');
    }
    return lines.toString();
  }
}
