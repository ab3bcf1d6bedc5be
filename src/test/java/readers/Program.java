package readers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A block of Java as a reader uses it: in no package of the library. A block with a class is a file of its own; any other is
 * the body of a method that is given what its page speaks of.
 *
 * @param block where it stands
 * @param name of its class
 * @param source its file
 */
record Program(Document.Block block, String name, String source) {
  private static final Pattern CLASS = Pattern.compile("(?m)^public (?:final )?class (\\w+)");
  private static final Pattern PRINTS = Pattern.compile("System\\.out\\.println\\(");

  /** A statement that prints, and behind it what it prints. */
  private static final Pattern PRINTED =
      Pattern.compile("(?s)System\\.out\\.println\\((?:(?!System\\.out).)*?\\);[ ]+// ([^\\n]+)");

  private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\n");

  private static final String FRAGMENT =
      """
      import java.net.URI;
      import java.nio.file.*;
      import java.time.Duration;
      import java.util.*;
      import org.adaptivesoftmax.*;
      import org.adaptivesoftmax.assoftmax.*;
      import org.adaptivesoftmax.client.*;
      import org.adaptivesoftmax.cluster.*;
      import org.adaptivesoftmax.decoding.*;
      import org.adaptivesoftmax.embedding.*;
      import org.adaptivesoftmax.export.*;
      import org.adaptivesoftmax.inference.*;
      import org.adaptivesoftmax.local.*;
      import org.adaptivesoftmax.loss.*;
      import org.adaptivesoftmax.pytorch.*;
      import org.adaptivesoftmax.remote.*;
      import org.adaptivesoftmax.savedmodel.*;
      import org.tensorflow.*;
      import org.tensorflow.op.*;
      import org.tensorflow.types.*;
      %s
      final class Fragment {
        void read(
            Ops tf, Graph graph, Session session, Operand<TFloat32> hidden, Operand<TInt64> target,
            AdaptiveSoftmax<TFloat32> softmax, Operand<TInt32> labels, Operand<TFloat32> logits,
            long[] counts) throws Exception {
          %s
        }
      }
      """;

  static Program of(Document.Block block) {
    Matcher found = CLASS.matcher(block.code());
    if (found.find()) {
      return new Program(block, found.group(1), block.code());
    }
    String imports =
        String.join("", IMPORT.matcher(block.code()).results().map(MatchResult::group).toList());
    String body = IMPORT.matcher(block.code()).replaceAll("");
    return new Program(block, "Fragment", FRAGMENT.formatted(imports, body));
  }

  boolean runs() {
    return source.contains("public static void main(String[] args)");
  }

  /** The lines that the text promises. */
  List<String> promised() {
    List<String> promised =
        PRINTED.matcher(source).results().map(found -> found.group(1).strip()).toList();
    assertThat(promised)
        .as("%s: every statement that prints has a comment that says what", block)
        .isNotEmpty()
        .hasSize((int) PRINTS.matcher(source).results().count());
    return promised;
  }

  /** Compiles it, outside of every package. */
  void compile(Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve(name + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of(
              "-proc:none",
              "-cp",
              System.getProperty("java.class.path"),
              "-d",
              directory.toString());
      boolean compiled =
          compiler
              .getTask(errors, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      assertThat(compiled).as("%s:%n%s", block, errors).isTrue();
    }
  }

  /** Runs it and gives the lines that it prints. */
  List<String> run(Path directory, String... args) throws Exception {
    compile(directory);
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (URLClassLoader classes = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      classes.loadClass(name).getMethod("main", String[].class).invoke(null, (Object) args);
    } finally {
      System.setOut(out);
    }
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Override
  public String toString() {
    return block + " " + name;
  }
}
