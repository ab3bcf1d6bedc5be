package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.text.BertCharacters;
import org.adaptivesoftmax.text.EncoderGolden;
import org.adaptivesoftmax.text.WordPieceTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;

/** BERT's tokenizer in a graph against Hugging Face's, and against the one in Java. */
class TextTokensTest {
  @TempDir private Path directory;

  /** The tokenizer in a session, its assets in files. */
  private final class InGraph implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Session session;
    private final Placeholder<TString> texts;
    private final Operand<TInt32> ids;

    InGraph(WordPieceTokenizer tokenizer, int longest) throws IOException {
      Ops tf = Ops.create(graph);
      texts = tf.placeholder(TString.class);
      TextTokens tokens = TextTokens.create(tf, tokenizer);
      ids = tokens.ids(tf, texts, longest);
      Path characters = write("characters.tsv", tokens.characters()::writeTo);
      Path vocabulary = write("vocabulary.txt", tokens.vocabulary()::writeTo);
      session = new Session(graph);
      try (TString first = TString.scalarOf(characters.toString());
          TString second = TString.scalarOf(vocabulary.toString())) {
        Session.Runner runner =
            session
                .runner()
                .feed(tokens.characters().path(), first)
                .feed(tokens.vocabulary().path(), second);
        for (Op init : tokens.inits()) {
          runner.addTarget(init);
        }
        runner.run().close();
      }
    }

    private Path write(String name, Writing content) throws IOException {
      Path file = directory.resolve(name);
      try (OutputStream out = Files.newOutputStream(file)) {
        content.writeTo(out);
      }
      return file;
    }

    int[][] ids(List<String> of) {
      try (TString batch =
              TString.tensorOf(
                  StandardCharsets.UTF_8,
                  Shape.of(of.size()),
                  DataBuffers.ofObjects(of.toArray(String[]::new)));
          Result result = session.runner().feed(texts, batch).fetch(ids).run()) {
        TInt32 matrix = (TInt32) result.get(0);
        int[][] rows = new int[of.size()][(int) matrix.shape().get(1)];
        for (int i = 0; i < rows.length; i++) {
          for (int j = 0; j < rows[i].length; j++) {
            rows[i][j] = matrix.getInt(i, j);
          }
        }
        return rows;
      }
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  @FunctionalInterface
  private interface Writing {
    void writeTo(OutputStream out) throws IOException;
  }

  private static void assertRows(int[][] rows, List<int[]> expected) {
    int time = expected.stream().mapToInt(row -> row.length).max().orElse(2);
    for (int i = 0; i < rows.length; i++) {
      // [PAD] is 0, which is what copyOf fills up with.
      assertThat(rows[i]).as("text %d", i).containsExactly(Arrays.copyOf(expected.get(i), time));
    }
  }

  @Test
  void cutsTextsAsHuggingFacesTokenizer() throws IOException {
    WordPieceTokenizer tokenizer = WordPieceTokenizer.read(EncoderGolden.directory());
    try (InGraph graph = new InGraph(tokenizer, 1_000)) {
      assertRows(graph.ids(EncoderGolden.texts()), EncoderGolden.ids("uncased"));
      assertRows(graph.ids(List.of("")), List.of(tokenizer.encode("", 9)));
      assertThat(graph.ids(List.of())).isEmpty();
    }
    WordPieceTokenizer cased = WordPieceTokenizer.of(tokenizer.pieces(), BertCharacters.CASED);
    try (InGraph graph = new InGraph(cased, 1_000)) {
      assertRows(graph.ids(EncoderGolden.texts()), EncoderGolden.ids("cased"));
    }
  }

  @Test
  void cutsAnyTextAsInJava() throws IOException {
    WordPieceTokenizer tokenizer = WordPieceTokenizer.read(EncoderGolden.directory());
    Random random = new Random(11);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      StringBuilder text = new StringBuilder();
      for (int parts = random.nextInt(30); parts > 0; parts--) {
        text.append(part(tokenizer, random));
      }
      texts.add(text.toString());
    }
    try (InGraph graph = new InGraph(tokenizer, 17)) {
      assertRows(graph.ids(texts), texts.stream().map(text -> tokenizer.encode(text, 17)).toList());
    }
  }

  /** A piece with or without its mark, a space, or any character at all. */
  private static String part(WordPieceTokenizer tokenizer, Random random) {
    String piece = tokenizer.pieces().get(random.nextInt(tokenizer.pieces().size()));
    return switch (random.nextInt(6)) {
      case 0 -> " ";
      case 1 -> character(random);
      case 2 -> piece;
      default -> piece.replace("##", "");
    };
  }

  private static String character(Random random) {
    int codePoint = random.nextInt(random.nextBoolean() ? 0x3000 : 0x30000);
    return Character.getType(codePoint) == Character.SURROGATE ? "" : Character.toString(codePoint);
  }
}
