package org.adaptivesoftmax.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountEngine;
import org.adaptivesoftmax.text.CountsDirectory;
import org.apache.spark.sql.SparkSession;

/** Counts by Spark in this process. On a cluster, {@link SparkCount} does. */
public final class SparkEngine implements CountEngine {
  private static final String LOCAL = "local(\\[([1-9][0-9]*|\\*)(,[1-9][0-9]*)?])?";

  private static final int PARTITIONS_PER_THREAD = 4;

  /** For {@link java.util.ServiceLoader}. */
  public SparkEngine() {}

  @Override
  public String name() {
    return "spark";
  }

  @Override
  public CountsDirectory count(Job job, Path place) throws IOException {
    Require.argument(
        job.master().matches(LOCAL),
        "master must be local, local[N] or local[*] (a cluster's is given to spark-submit): %s",
        job.master());
    CountsDirectory.requireReplaceable(place);
    Corpus.ofFiles(job.files()); // Checks that they are files.
    try (SparkSession spark = session(job.master())) {
      // Spark's default is made for clusters: 200, a task each.
      int partitions = PARTITIONS_PER_THREAD * spark.sparkContext().defaultParallelism();
      spark.conf().set("spark.sql.shuffle.partitions", partitions);
      List<SourceText> texts = new ArrayList<>();
      for (Path file : job.files()) {
        texts.add(
            SourceText.of(
                file.toString(), file.toUri(), spark.sparkContext().hadoopConfiguration()));
      }
      return new SparkCounting(spark, texts, job.column(), job.minCount(), job.date()).write(place);
    }
  }

  private static SparkSession session(String master) {
    return SparkSession.builder()
        .appName("adaptive-softmax count")
        .master(master)
        // Nobody is to look on, and nothing to be reached from outside.
        .config("spark.ui.enabled", false)
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate();
  }
}
