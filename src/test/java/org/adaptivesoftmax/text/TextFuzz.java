package org.adaptivesoftmax.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.adaptivesoftmax.fuzz.FuzzTarget;

/** Readers of text. */
public final class TextFuzz {
  private static final Set<Class<? extends Throwable>> DOCUMENTED = Set.of(TextFileException.class);

  /** A byte of gzip stands for up to 1,032, and one of Zstandard for many more. */
  private static final long COMPRESSED = 100_000;

  /** A corpus, plain or compressed, with its tokens. */
  public static final FuzzTarget LINES =
      FuzzTarget.of("text", DOCUMENTED, TextFuzz::lines).bytesPerByte(COMPRESSED);

  /** Examples {@code label<TAB>text}. */
  public static final FuzzTarget EXAMPLES =
      FuzzTarget.of("examples", DOCUMENTED, TextFuzz::examples);

  /** A vocabulary. */
  public static final FuzzTarget VOCABULARY =
      FuzzTarget.of("vocabulary", DOCUMENTED, TextFuzz::vocabulary);

  /** A counts directory: {@code counts.tsv}, a byte 0, {@code about.json}. */
  public static final FuzzTarget COUNTS = FuzzTarget.of("counts", DOCUMENTED, TextFuzz::counts);

  /** The pieces of a tokenizer: {@code tokenizer.json} if it begins with a brace, else {@code vocab.txt}. */
  public static final FuzzTarget WORD_PIECES =
      FuzzTarget.of(
          "word-pieces",
          Set.of(TextFileException.class, IllegalArgumentException.class),
          TextFuzz::wordPieces);

  private TextFuzz() {}

  private static void lines(byte[] input, Path directory) throws IOException {
    Path file = Files.write(directory.resolve("text"), input);
    Corpus.ofFile(file).forEachLine(Tokenizer::words);
  }

  private static void examples(byte[] input, Path directory) throws IOException {
    Path file = Files.write(directory.resolve("examples.tsv"), input);
    LabelledCorpus.ofFile(file).forEachExample(example -> {});
  }

  private static void vocabulary(byte[] input, Path directory) throws IOException {
    Vocabulary.read(Files.write(directory.resolve("vocabulary.txt"), input));
  }

  private static void counts(byte[] input, Path directory) throws IOException {
    int end = 0;
    while (end < input.length && input[end] != 0) {
      end++;
    }
    Files.write(directory.resolve(CountsDirectory.COUNTS), Arrays.copyOf(input, end));
    Files.write(
        directory.resolve(CountsDirectory.ABOUT),
        Arrays.copyOfRange(input, Math.min(end + 1, input.length), input.length));
    new CountsDirectory(directory).forEach(count -> {});
  }

  private static void wordPieces(byte[] input, Path directory) throws IOException {
    boolean json = input.length > 0 && input[0] == '{';
    Files.deleteIfExists(directory.resolve("tokenizer.json"));
    Files.deleteIfExists(directory.resolve("vocab.txt"));
    Files.write(directory.resolve(json ? "tokenizer.json" : "vocab.txt"), input);
    WordPieceTokenizer.read(directory);
  }
}
