package dev.mlo.pmml.document;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.XMLConstants;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// The elements of an XML document from outside, one after the other. It may define no entities and
/// nest only so deep; nothing outside of it is looked at.
final class Elements {
  /// A tree model nests its nodes, and the engine reads them by recursion.
  static final int MAX_DEPTH = 200;

  /// How a document begins that refers to others or defines entities.
  static final String DOCTYPE = "<!DOCTYPE";

  /// More than any model has; a bound on what a hostile document can make us keep.
  private static final int MAX_KEPT = 1_000_000;

  private static final XMLInputFactory FACTORY = factory();

  private final XMLStreamReader in;
  private final Watch watch;
  private int depth;
  private int extension;
  private int kept;

  /// Sees every element, whether it is read or passed over; not those inside an `Extension`, whose
  /// content is nobody's business.
  interface Watch {
    void see(String element, Elements in);
  }

  /// Reads one child, as far as it likes.
  interface Child {
    void read(String element) throws PmmlException;
  }

  Elements(InputStream document, Watch watch) throws PmmlException {
    this.watch = watch;
    try {
      in = FACTORY.createXMLStreamReader(document);
    } catch (XMLStreamException e) {
      throw new PmmlException("is not XML: " + reason(e), e);
    }
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
    // Depth is looked at here, with a better message. Where nobody can define an entity, a limit on
    // them would count nothing but `&lt;` and its like. 0 is no limit.
    for (String limit :
        List.of("maxElementDepth", "maxGeneralEntitySizeLimit", "totalEntitySizeLimit")) {
      factory.setProperty("jdk.xml." + limit, 0);
    }
    return factory;
  }

  /// Goes to the document's root.
  String root() throws PmmlException {
    while (depth == 0) {
      step();
    }
    return in.getLocalName();
  }

  String namespace() {
    String uri = in.getNamespaceURI();
    return uri == null ? "" : uri;
  }

  /// The encoding found in the document's first bytes, or declared there.
  String encoding() {
    String declared = in.getCharacterEncodingScheme();
    String found = in.getEncoding();
    return found != null ? found : declared != null ? declared : "UTF-8";
  }

  /// Of the element the reader stands at; 1 is the root.
  int depth() {
    return depth;
  }

  @Nullable String attribute(String name) {
    return in.getAttributeValue(null, name);
  }

  String attribute(String name, String absent) {
    String value = attribute(name);
    return value == null ? absent : value;
  }

  Map<String, String> attributes() {
    var all = new TreeMap<String, String>();
    for (int i = 0; i < in.getAttributeCount(); i++) {
      all.put(in.getAttributeLocalName(i), in.getAttributeValue(i));
    }
    return all;
  }

  /// The children of the element the reader stands at, to its end.
  void children(Child child) throws PmmlException {
    int inside = depth;
    while (true) {
      step();
      if (depth < inside) {
        return;
      }
      if (depth == inside + 1 && in.isStartElement()) {
        child.read(in.getLocalName());
        while (depth > inside) {
          step();
        }
      }
    }
  }

  /// To the end of the document, which is XML to its last byte.
  void rest() throws PmmlException {
    while (!atEnd()) {
      step();
    }
  }

  private boolean atEnd() throws PmmlException {
    try {
      return !in.hasNext();
    } catch (XMLStreamException e) {
      throw new PmmlException("is not XML%s: %s".formatted(at(), reason(e)), e);
    }
  }

  private void step() throws PmmlException {
    try {
      switch (in.next()) {
        case XMLStreamConstants.START_ELEMENT -> start();
        case XMLStreamConstants.END_ELEMENT -> {
          extension = extension == depth ? 0 : extension;
          depth--;
        }
        case XMLStreamConstants.DTD -> throw doctype();
        case XMLStreamConstants.COMMENT, XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
            requireNone(in.getText());
        case XMLStreamConstants.PROCESSING_INSTRUCTION -> requireNone(in.getPIData());
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw new PmmlException("refers to an entity" + at());
        default -> {}
      }
    } catch (XMLStreamException e) {
      throw new PmmlException("is not XML%s: %s".formatted(at(), reason(e)), e);
    }
  }

  /// Not as text either: the engine looks for the word again in what it decoded itself.
  private static void requireNone(@Nullable String text) throws PmmlException {
    if (text != null && text.contains(DOCTYPE)) {
      throw doctype();
    }
  }

  private static PmmlException doctype() {
    return new PmmlException("has a DOCTYPE, which could define entities or refer to other files");
  }

  /// Counts what is remembered of a document.
  void keep() throws PmmlException {
    if (++kept > MAX_KEPT) {
      throw new PmmlException("names more than a million things" + at());
    }
  }

  private void start() throws PmmlException {
    depth++;
    if (depth > MAX_DEPTH) {
      throw new PmmlException("nests more than %d elements%s".formatted(MAX_DEPTH, at()));
    }
    if (extension == 0) {
      String name = in.getLocalName();
      if (name.equals("Extension")) {
        extension = depth;
      } else {
        watch.see(name, this);
      }
    }
  }

  private String at() {
    Location at = in.getLocation();
    return " at %d:%d".formatted(at.getLineNumber(), at.getColumnNumber());
  }

  /// The parser's words without its preface, on one line.
  private static String reason(XMLStreamException e) {
    String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    int words = message.indexOf("Message: ");
    String said = words < 0 ? message : message.substring(words + 9);
    return said.length() <= 200 ? said : said.substring(0, 200) + "…";
  }
}
