// Registers an employer, names its champion and hands in a file, with the generated types; all may be sent twice.
import createClient from "openapi-fetch";
import type { components, paths } from "./contract.js";

type Problem = components["schemas"]["ProblemView"];

const [url, key, account] = [process.env["WORKFLOW_URL"], process.env["WORKFLOW_KEY"], process.argv[2]];
if (!url || !key || !account) throw new Error("WORKFLOW_URL, WORKFLOW_KEY and an account are needed");

const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

const registration = {
  params: { header: { "Idempotency-Key": `register-${account}` } },
  body: {
    employer: { legal_name: "Larch House Ltd.", worksafebc_account: account, classification_units: ["761035"], headcount: 7.5 },
    contact: { name: "Grace Reed", email: "grace@example.org" },
    terms_accepted: true,
  },
};
const registered = await granted(api.POST("/v1/cases", registration));
const again = await granted(api.POST("/v1/cases", registration));
const case_id = registered.case.case_id;

const early = await api.POST("/v1/cases/{case_id}/commands/declare-sms", { params: { path: { case_id } }, body: {} });

const named = await granted(
  api.POST("/v1/cases/{case_id}/commands/name-champion", {
    params: { path: { case_id }, header: { "If-Match": `"${registered.case.version}"` } },
    body: { person: { name: "Robin Marsh", email: "robin@example.org" }, employment: "permanent" },
  }),
);
const A_MAP = "%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n";
const handIn = () =>
  granted(
    api.POST("/v1/cases/{case_id}/documents", {
      params: { path: { case_id } },
      body: { kind: "supporting", file: A_MAP },
      bodySerializer: () => {
        const form = new FormData();
        form.append("kind", "supporting");
        form.append("file", new Blob([A_MAP]), "map.pdf");
        return form;
      },
    }),
  );
const document = await handIn();
const { document_id } = await handIn();
const content = "/v1/cases/{case_id}/documents/{document_id}/content";
const back = await granted(api.GET(content, { params: { path: { case_id, document_id } }, parseAs: "text" }));
const feed = await granted(api.GET("/v1/events", { params: { query: { case_id } } }));

console.log(
  JSON.stringify({
    case_id,
    same_case_again: again.case.case_id === case_id,
    refused: early.error?.code,
    state: named.case.state,
    named: named.event.data.fact.employment,
    document: document.media_type,
    same_document_again: document_id === document.document_id,
    same_bytes_back: back === A_MAP,
    feed: typeof feed === "string" ? [] : feed.map((event) => event.type), // text is what the other forms are
  }),
);

async function granted<T>(asked: Promise<{ data?: T; error?: Problem; response: Response }>): Promise<T> {
  const { data, error, response } = await asked;
  if (data === undefined) throw new Error(`${response.status} ${error?.code}: ${error?.detail}`);
  return data;
}
