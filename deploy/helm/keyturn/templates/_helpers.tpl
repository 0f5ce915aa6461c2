{{- define "keyturn.labels" -}}
app.kubernetes.io/name: keyturn
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "keyturn.selectorLabels" -}}
app.kubernetes.io/name: keyturn
app.kubernetes.io/component: operator
{{- end }}

{{- define "keyturn.operatorLabels" -}}
{{ include "keyturn.labels" . }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "keyturn.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}
